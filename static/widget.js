// The button of a K5 subscriber's site: shows the form in a frame. Keeps nothing in the browser, sends nothing by itself.
(function () {
  "use strict";
  var here = document.currentScript, frame = null;
  if (!here) return;
  var address = here.src.replace(/\.js(\?.*)?$/, "");
  var text = here.getAttribute("data-text") || "Перезвоните мне";
  var button = document.createElement("button");

  function dress(element, style) {  // by properties: a policy against inline styles allows it
    for (var name in style) element.style[name] = style[name];
  }

  function close() {
    frame.parentNode.removeChild(frame);
    frame = null;
    button.textContent = text;
    button.setAttribute("aria-expanded", "false");
    button.focus();
  }

  function open() {
    frame = document.createElement("iframe");
    frame.src = address;
    frame.title = text;
    dress(frame, {position: "fixed", right: "16px", bottom: "88px", zIndex: 2147483647, width: "340px",
      maxWidth: "calc(100vw - 32px)", height: "420px", maxHeight: "calc(100vh - 120px)", border: "0",
      borderRadius: "12px", background: "#fff", boxShadow: "0 4px 24px rgba(0,0,0,.35)"});
    document.body.appendChild(frame);
    button.textContent = "×";
    button.setAttribute("aria-expanded", "true");
    frame.focus();
  }

  function toggle() {
    if (frame) close(); else open();
  }

  button.type = "button";
  button.textContent = text;
  button.setAttribute("aria-label", text);
  button.setAttribute("aria-expanded", "false");
  dress(button, {position: "fixed", right: "16px", bottom: "16px", zIndex: 2147483647, minWidth: "56px", minHeight: "56px",
    padding: "0 20px", border: "0", borderRadius: "28px", background: "#00562f", color: "#fff", cursor: "pointer",
    font: "600 18px system-ui, sans-serif"});
  button.addEventListener("click", toggle);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && frame) close();
  });

  function show() {
    document.body.appendChild(button);
  }
  if (document.body) show(); else document.addEventListener("DOMContentLoaded", show);
})();
