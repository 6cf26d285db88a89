(function () {
  var it = document.querySelector("[data-again]"), is_due = false;
  function go() {
    if (is_due && document.visibilityState === "visible") location.replace(it.dataset.url);
  }
  document.addEventListener("visibilitychange", go);
  setTimeout(function () { is_due = true; go(); }, it.dataset.again * 1000);
})();
