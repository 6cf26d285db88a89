// Lets the start page say in its own words that there is no network; nothing is kept by it.
if (navigator.serviceWorker) addEventListener('load', function () { navigator.serviceWorker.register('/worker.js').catch(function () {}); });
