document.querySelectorAll("[data-shows]").forEach(function (button) {
  var field = document.getElementById(button.dataset.shows), show = button.textContent;
  button.hidden = false;
  button.addEventListener("click", function () {
    var shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : show;
  });
});
