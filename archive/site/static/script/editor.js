/* The field of Datasette's SQL editor, which stands there once the page is loaded, gets a name. */
addEventListener("load", () => {
  for (const field of document.querySelectorAll(".CodeMirror textarea")) field.setAttribute("aria-label", "SQL");
});
