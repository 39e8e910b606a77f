/* Words that are selected on a page, in its text or on its picture, get a button that copies the address of exactly
   these words, and leads there. The address is made as archive/research/quotations.py makes it. */
(() => {
  const WHOLE = 9, FEWEST = 4, MOST = 8, AROUND = 200;
  const sheet = document.querySelector("[data-page]");
  if (!sheet) return;

  const plain = (text) => text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const words = (text) => (text.match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu) ?? []).map(plain).filter(Boolean);

  /* Where the letters of a text stand as runs of words, so that a quotation is found whatever stands between them. */
  const times = (held, parts, after) => {
    let found = 0, at = 0;
    for (;;) {
      const start = held.indexOf(parts[0], at);
      if (start < 0) return found;
      let end = start + parts[0].length;
      for (const part of parts.slice(1)) {
        const place = held.indexOf(part, end);
        if (place < 0) return found;
        end = place + part.length;
      }
      if (held.slice(0, start).endsWith(after)) found += 1;
      at = end;
    }
  };

  const address = (selected) => {
    const said = words(selected);
    if (!said.length) return "";
    const text = words(sheet.querySelector(".sheet").textContent);
    const held = text.join("");
    let ways = [];
    if (said.length <= WHOLE) ways = [[said]];
    else for (let few = FEWEST; few <= MOST && 2 * few < said.length; few += 1) ways.push([said.slice(0, few), said.slice(-few)]);
    const short = ways.find((way) => times(held, way.map((part) => part.join("")), "") <= 1) ?? ways.at(-1);
    const query = "?quote=" + short.map((part) => part.map(encodeURIComponent).join("-")).join("...");
    if (times(held, short.map((part) => part.join("")), "") <= 1) return query;
    const before = words(context()).slice(-MOST);
    return query + (before.length ? "&after=" + before.slice(-4).map(encodeURIComponent).join("-") : "");
  };

  /* What stands before the selection in the text; nothing where the words are selected on the picture. */
  const context = () => {
    const range = getSelection().getRangeAt(0);
    const text = sheet.querySelector(".sheet");
    if (!text.contains(range.startContainer)) return "";
    const before = document.createRange();
    before.setStart(text, 0);
    before.setEnd(range.startContainer, range.startOffset);
    return before.toString().slice(-AROUND);
  };

  const button = Object.assign(document.createElement("a"), { className: "cite-selection", textContent: "Address of these words", hidden: true });
  document.body.append(button);

  const show = () => {
    const selection = getSelection();
    const within = selection.rangeCount && !selection.isCollapsed && sheet.contains(selection.getRangeAt(0).commonAncestorContainer);
    const query = within ? address(selection.toString()) : "";
    button.hidden = !query;
    if (!query) return;
    const box = selection.getRangeAt(0).getBoundingClientRect();
    button.href = sheet.dataset.page + query;
    button.style.left = `${Math.max(8, Math.min(box.left, innerWidth - 240)) + scrollX}px`;
    button.style.top = `${box.bottom + 6 + scrollY}px`;
  };

  let waiting;
  document.addEventListener("selectionchange", () => { clearTimeout(waiting); waiting = setTimeout(show, 150); });

  /* The address is copied, and opened: the page then shows it with its citations. */
  button.addEventListener("click", async () => {
    try { await navigator.clipboard.writeText(button.href); oversight.say("Address copied"); } catch { /* it is opened all the same */ }
  });
})();
