document.querySelectorAll("[data-copies]").forEach(function (button) {
  if (!navigator.clipboard) return;
  var text = document.getElementById(button.dataset.copies), said = button.textContent;
  button.hidden = false;
  button.addEventListener("click", function () {
    navigator.clipboard.writeText(text.textContent).then(function () {
      button.textContent = button.dataset.done;
      setTimeout(function () { button.textContent = said; }, 2000);
    });
  });
});
