// The list is searched while one types: the same page, asked for what stands in the field, put in place of the list.
(function () {
  'use strict';
  var form = document.getElementById('find'), list = document.getElementById('found'), count = document.getElementById('count');
  if (!form || !window.fetch || !window.DOMParser || !window.URLSearchParams) return;
  var shown = new URLSearchParams(new FormData(form)).toString(), wait = 0, asked = 0;

  form.elements.q.addEventListener('input', function () {
    clearTimeout(wait);
    wait = setTimeout(look, 300);
  });
  function look() {
    var query = new URLSearchParams(new FormData(form)).toString(), mine = asked += 1, address = form.action + '?' + query;
    if (query === shown) return;
    fetch(address, { credentials: 'same-origin' }).then(function (answer) { return answer.text(); }).then(function (text) {
      var page = new DOMParser().parseFromString(text, 'text/html'), found = page.getElementById('found');
      if (mine !== asked || !found) return; // an older answer, or the page of the log-in
      shown = query;
      list.replaceChildren.apply(list, found.childNodes);
      count.textContent = page.getElementById('count').textContent;
      history.replaceState(null, '', address);
    }).catch(function () {}); // no network: the button still asks for it
  }
})();
