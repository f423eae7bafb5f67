"use strict";
// What the page does without the server: say that it is away, keep a scanner's keys in the code's field, and take away
// what was said before of a cart, or of what stays shown.

const show = (id, shown) => { document.getElementById(id).hidden = !shown; };

for (const away of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(away, () => show("no-network", true));
}

document.addEventListener("htmx:beforeRequest", () => {
  show("no-network", false);
  show("otherwise", false);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const type = event.detail.xhr.getResponseHeader("content-type") || "";
  if (!type.startsWith("text/html")) {
    event.detail.shouldSwap = false;
    show("otherwise", true);
  }
  if (event.detail.xhr.getResponseHeader("hx-reswap")) {
    document.querySelectorAll("#till > .band").forEach((said) => said.remove());
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id === "code") {
    document.querySelectorAll("#till > .band.good").forEach((said) => said.remove());
  }
});

document.addEventListener("keydown", (event) => {
  const code = document.getElementById("code");
  const typed = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (code && typed && document.activeElement !== code) {
    code.focus();
  }
});
