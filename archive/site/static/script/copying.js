/* <button type="button" data-copy="#id"> copies the text of that element; any other value is copied as it stands.
   Where the browser gives no clipboard (a page by plain http), the text is selected for the reader to copy. */
(() => {
  const select = (element) => {
    if ("select" in element) { element.focus(); element.select(); return; }
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  /* What holds the text: the element named, or a field made for it beside the button. */
  const holder = (button) => {
    const wanted = button.dataset.copy;
    const named = wanted.startsWith("#") && document.getElementById(wanted.slice(1));
    if (named) return named;
    let field = button.nextElementSibling;
    if (!field || !field.classList.contains("copied-from")) {
      field = Object.assign(document.createElement("input"), { className: "copied-from", readOnly: true });
      field.setAttribute("aria-label", "To be copied");
      button.after(field);
    }
    field.value = wanted;
    return field;
  };

  const text = (button) => {
    const wanted = button.dataset.copy;
    const named = wanted.startsWith("#") && document.getElementById(wanted.slice(1));
    if (named instanceof HTMLAnchorElement) return named.href; // whole, where the page shows only its path
    return named ? ("value" in named ? named.value : named.innerText).trim() : wanted;
  };

  const tell = (button, words) => {
    oversight.say(words);
    button.dataset.words ??= button.textContent;
    button.textContent = words;
    clearTimeout(Number(button.dataset.timer));
    button.dataset.timer = setTimeout(() => { button.textContent = button.dataset.words; }, 2500);
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(text(button));
      tell(button, "Copied");
    } catch {
      select(holder(button));
      tell(button, "Selected: now copy it");
    }
  });
})();
