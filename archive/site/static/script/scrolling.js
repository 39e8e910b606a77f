/* What scrolls sideways in a box of its own can be reached and scrolled by keyboard in every browser. */
(() => {
  const reach = () => {
    for (const box of document.querySelectorAll(".scroll, .table-wrapper, .part.table, pre")) {
      if (box.scrollWidth <= box.clientWidth) { box.removeAttribute("tabindex"); continue; }
      box.tabIndex = 0;
      if (box.matches("pre, .part.table")) continue;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", box.querySelector("caption")?.textContent.trim() || "A table that scrolls");
    }
  };
  reach();
  addEventListener("resize", reach);
})();
