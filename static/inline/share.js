document.querySelectorAll("[data-shares]").forEach(function (button) {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", function () {
    var link = button.dataset.link;
    navigator.share(link ? { url: link } : { text: document.getElementById(button.dataset.shares).value }).catch(function () {});
  });
});
