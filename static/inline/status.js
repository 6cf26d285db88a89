(function () {
  'use strict';
  addEventListener('pageshow', function (e) { if (e.persisted) location.reload(); });
  var live = document.getElementById('live');
  if (!live || !window.fetch) return;
  var waits = [2, 3, 5, 10], step = 0, failures = 0, timer = 0;
  var version = live.getAttribute('data-version'), talk = document.getElementById('talk');
  var lost = document.getElementById('lost'), began = 0, ticks = 0;
  var costs = JSON.parse(talk.getAttribute('data-costs')), till = +talk.getAttribute('data-till');
  var end = document.getElementById('end'), button = end && end.querySelector('button'), words = button && button.textContent;

  function later() {
    clearTimeout(timer);
    if (document.visibilityState === 'hidden') return;
    timer = setTimeout(ask, waits[Math.min(step, 3)] * 1000);
    step += 1;
  }
  function ask() {
    clearTimeout(timer);
    fetch(live.getAttribute('data-status') + '?since=' + version + (till ? '&till=' + till : ''), { credentials: 'same-origin', cache: 'no-store' })
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
    costs = now.costs || costs;
    till = now.till || till;
    if (now.version === version) return;
    version = now.version;
    step = 0;
    row('a', now.a);
    row('b', now.b);
    if ('talk_s' in now) start(now.talk_s);
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
  // The talk's clock, and what it costs so far: the server has said from which second on it is which sum.
  function start(seconds) {
    if (!ticks) ticks = setInterval(tick, 1000);
    began = Date.now() - seconds * 1000;
    talk.hidden = false;
    tick();
  }
  function tick() {
    var s = Math.max(0, Math.floor((Date.now() - began) / 1000)), two = s % 60;
    talk.querySelector('.clock').textContent = Math.floor(s / 60) + ':' + (two < 10 ? '0' : '') + two;
    costs.forEach(function (cost) {
      if (cost[0] <= s) talk.querySelector('.cost').textContent = cost[1];
    });
  }
  if (talk.getAttribute('data-seconds')) start(+talk.getAttribute('data-seconds'));
  if (talk.hasAttribute('data-stands')) stop();
  document.addEventListener('visibilitychange', function () {
    clearTimeout(timer);
    if (document.visibilityState !== 'hidden') { step = 0; ask(); }
  });
  later();
})();
