document.querySelectorAll("[data-shows]").forEach(function (button) {
  var field = document.getElementById(button.dataset.shows);
  button.hidden = false;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", function () {
    var shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
});
