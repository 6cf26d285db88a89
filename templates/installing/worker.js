'use strict';
// It keeps nothing: a page or a price from a cache would be a wrong one.
var page = {{ page|tojson }}, paths = {{ paths|tojson }};
addEventListener('install', function () { skipWaiting(); });
addEventListener('fetch', function (e) {
  var to = new URL(e.request.url);
  // All else goes its way as if no worker were here, the page of a number first of all
  if (e.request.mode !== 'navigate' || e.request.method !== 'GET' || to.search || paths.indexOf(to.pathname) < 0) return;
  e.respondWith(fetch(e.request).catch(function () {
    var headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': {{ policy|tojson }}, 'Cache-Control': 'no-store' };
    return new Response(page, { status: 503, headers: headers });
  }));
});
