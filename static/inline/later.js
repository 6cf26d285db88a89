(function () {
  'use strict';
  // A press that could not be written down: its button is pressed again, once, while somebody looks and still waits.
  var later = document.getElementById('later'), began = Date.now(), is_due = false;
  later.textContent = later.getAttribute('data-words');
  function go() {
    if (!is_due || document.visibilityState !== 'visible' || Date.now() - began > 60000) return;
    is_due = false;
    document.querySelector('#call button').click();
  }
  document.addEventListener('visibilitychange', go);
  setTimeout(function () { is_due = true; go(); }, +later.getAttribute('data-again-ms'));
})();
