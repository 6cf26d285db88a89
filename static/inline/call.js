(function () {
  'use strict';
  var form = document.getElementById('call');
  // The Back key shows the page as it was left: read it anew, or the button would stay dead.
  addEventListener('pageshow', function (e) { if (e.persisted) location.reload(); });
  if (!form) return;
  var button = form.querySelector('button'), words = button.innerHTML, sent = false;

  function lock() {
    sent = true;
    button.setAttribute('aria-disabled', 'true');
    button.textContent = button.getAttribute('data-wait');
    // Not a lock of its own (the form key is): only a way out when the answer never comes.
    setTimeout(function () {
      sent = false;
      button.removeAttribute('aria-disabled');
      button.innerHTML = words;
    }, 20000);
  }
  form.addEventListener('submit', function (e) {
    if (sent) e.preventDefault(); else lock();
  });

  // At once: a countdown presses the same form with its own ticket, unless anything at all happens.
  var count = document.getElementById('at-once');
  if (!count || document.prerendering || document.visibilityState !== 'visible') return;
  var left = 3, number = count.querySelector('b'), stops = ['pointerdown', 'touchstart', 'mousedown', 'keydown', 'pagehide', 'blur'];
  count.hidden = false;
  var timer = setInterval(function () {
    left -= 1;
    number.textContent = left;
    if (left > 0) return;
    stop();
    if (sent || document.prerendering || document.visibilityState !== 'visible') return;
    form.elements.form_key.value = count.getAttribute('data-ticket');
    lock();
    form.submit();
  }, 1000);
  function stop() {
    clearInterval(timer);
    // Its place stays, and its button for a while: what vanished at once would put other links under the finger
    setTimeout(function () { count.className = 'stopped'; }, 600);
    count.firstElementChild.textContent = count.getAttribute('data-stopped');
    stops.forEach(function (name) { removeEventListener(name, stop, true); });
    document.removeEventListener('visibilitychange', stop);
  }
  stops.forEach(function (name) { addEventListener(name, stop, true); });
  document.addEventListener('visibilitychange', stop);
})();
