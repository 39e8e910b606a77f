/* "/" goes to the search box; the arrows turn pages where there are pages to turn. A reader can switch this off (WCAG 2.2,
   2.1.4), and nothing happens while something is typed, or where an arrow would scroll. */
(() => {
  const SWITCH = "oversight-keys";
  const kept = (value) => {
    try { return value === undefined ? localStorage.getItem(SWITCH) : localStorage.setItem(SWITCH, value); } catch { return null; }
  };
  let off = kept() === "off";

  const typing = (element) => element.closest("input, select, textarea, [contenteditable], .CodeMirror");
  const scrolls = (element) => {
    for (let box = element; box; box = box.parentElement) if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth) return true;
    return false;
  };

  addEventListener("keydown", (event) => {
    if (off || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey && event.key !== "/") return;
    if (typing(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector("main input[type=search]") ?? document.querySelector("#top-q");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
      return;
    }
    const side = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const link = side && document.querySelector(`nav.turn a[rel=${side}]`);
    if (link && !scrolls(event.target)) { event.preventDefault(); link.click(); }
  });

  const foot = document.querySelector("footer .wide");
  if (!foot) return;
  const told = document.createElement("p");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "lesser" });
  const tell = () => { button.textContent = off ? "Turn keys on" : "Turn keys off"; };
  told.className = "keys";
  told.append("Keys: / goes to the search, ← and → turn pages. ", button);
  button.addEventListener("click", () => { off = !off; kept(off ? "off" : "on"); tell(); oversight.say(off ? "Keys are off" : "Keys are on"); });
  tell();
  foot.append(told);
})();
