/* What scrolls sideways in a box of its own can be reached and scrolled by keyboard in every browser. */
(() => {
  const reach = () => {
    const names = new Map();
    for (const box of document.querySelectorAll(".scroll, .table-wrapper, .part.table, pre")) {
      if (box.scrollWidth <= box.clientWidth) { box.removeAttribute("tabindex"); continue; }
      box.tabIndex = 0;
      if (box.matches("pre, .part.table, [role=region]:is([aria-label], [aria-labelledby])") && !box.dataset.named) continue;
      box.dataset.named = "yes";
      box.setAttribute("role", "region");
      const name = box.querySelector("caption")?.textContent.trim() || "A table that scrolls";
      const times = (names.get(name) ?? 0) + 1;
      names.set(name, times);
      box.setAttribute("aria-label", times > 1 ? `${name} (${times})` : name);
    }
  };
  reach();
  addEventListener("resize", reach);
})();
