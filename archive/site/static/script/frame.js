/* What needs a script says so by the class `scripted`, and is not shown without it: every page reads without any of this.
   Each feature is a file of its own in this folder, named in SCRIPTS (archive/site/rendering.py), which joins them.
   The policy allows no inline script, no eval, no other host, and no markup made of text: use textContent. */
"use strict";
document.documentElement.classList.add("scripted");

const oversight = (() => {
  const status = document.createElement("p");
  status.className = "hidden";
  status.setAttribute("role", "status");
  document.body.append(status);

  /* Says something to who doesn't see it, politely. */
  const say = (words) => { status.textContent = ""; setTimeout(() => { status.textContent = words; }, 50); };

  return { say };
})();
