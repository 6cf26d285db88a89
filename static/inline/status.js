(function () {
  'use strict';
  addEventListener('pageshow', function (e) { if (e.persisted) location.reload(); });
  var live = document.getElementById('live');
  if (!live || !window.fetch) return;
  var waits = [2, 3, 5, 10], step = 0, failures = 0, timer = 0;
  var version = live.getAttribute('data-version'), talk = document.getElementById('talk');
  var lost = document.getElementById('lost'), began = 0, ticks = 0;
  var end = document.getElementById('end'), button = end && end.querySelector('button'), words = button && button.textContent;

  function later() {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') return;
    timer = setTimeout(ask, waits[Math.min(step, 3)] * 1000);
    step += 1;
  }
  function ask() {
    clearTimeout(timer);
    fetch(live.getAttribute('data-status') + '?since=' + version, { credentials: 'same-origin', cache: 'no-store' })
      .then(function (answer) {
        if (answer.status === 401) return location.reload();
        if (answer.status === 204) return null;
        if (!answer.ok) throw answer;
        return answer.json().then(show);
      })
      .then(function () { failures = 0; lost.textContent = ''; later(); })
      .catch(function () {
        failures += 1;
        if (failures === 3) lost.textContent = lost.getAttribute('data-words');
        later();
      });
  }
  function show(now) {
    if (now.over) return location.reload();
    version = now.version;
    step = 0;
    row('a', now.a);
    row('b', now.b);
    if (now.talk_s !== null) start(now.talk_s);
    if (now.ending) stop();
  }
  // The end is answered at once: the words change and the clock stands; what the switch says comes later.
  function stop() {
    clearInterval(ticks);
    ticks = 0;
    if (!button) return;
    button.setAttribute('aria-disabled', 'true');
    button.textContent = button.getAttribute('data-wait');
  }
  function go_on() {
    button.removeAttribute('aria-disabled');
    button.textContent = words;
    lost.textContent = button.getAttribute('data-lost');
    if (began) start((Date.now() - began) / 1000);
  }
  if (end && window.URLSearchParams) end.addEventListener('submit', function (e) {
    e.preventDefault();
    if (button.getAttribute('aria-disabled')) return;
    stop();
    var form = new URLSearchParams(new FormData(end));
    fetch(end.action, { method: 'POST', body: form, credentials: 'same-origin', redirect: 'manual' })
      .then(function (answer) {
        if (answer.type !== 'opaqueredirect') return end.submit(); // the page has something to say
        step = 0;
        ask();
      }, go_on);
  });
  function row(leg, words) {
    var place = document.getElementById('leg-' + leg);
    place.setAttribute('data-sign', words[0]);
    place.querySelector('use').setAttribute('href', '#' + words[0]);
    place.querySelector('.word').textContent = words[1];
    place.querySelector('.hint').textContent = words[2];
  }
  // The talk's clock and what it costs so far: whole seconds and millionths, exact in whole numbers.
  function start(seconds) {
    if (!ticks) ticks = setInterval(tick, 1000);
    began = Date.now() - seconds * 1000;
    talk.hidden = false;
    tick();
  }
  function tick() {
    var s = Math.max(0, Math.floor((Date.now() - began) / 1000)), two = s % 60;
    talk.querySelector('.clock').textContent = Math.floor(s / 60) + ':' + (two < 10 ? '0' : '') + two;
    var minor = JSON.parse(talk.getAttribute('data-legs')).reduce(function (sum, leg) {
      return sum + cost(leg, s + leg[5]);
    }, 0);
    minor = Math.min(minor, +talk.getAttribute('data-most'));
    talk.querySelector('.cost').textContent = talk.getAttribute('data-zero').replace(/0(\D)00/, function (_, point) {
      return Math.floor(minor / 100) + point + ('0' + minor % 100).slice(-2);
    });
  }
  function cost(leg, s) { // micro a minute, step, minimum, free below, fee, head start
    if (s < leg[3] || s <= 0) return 0;
    var billed = Math.max(leg[2], Math.ceil(s / leg[1]) * leg[1]);
    return Math.floor((60 * leg[4] + leg[0] * billed) / 600000 + 0.5);
  }
  if (talk.getAttribute('data-seconds')) start(+talk.getAttribute('data-seconds'));
  if (talk.hasAttribute('data-stands')) stop();
  document.addEventListener('visibilitychange', function () {
    clearTimeout(timer);
    if (document.visibilityState !== 'hidden') { step = 0; ask(); }
  });
  later();
})();
