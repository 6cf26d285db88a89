document.querySelectorAll("[data-shares]").forEach(function (button) {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", function () {
    navigator.share({ text: document.getElementById(button.dataset.shares).value }).catch(function () {});
  });
});
