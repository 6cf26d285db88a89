(function () {
  'use strict';
  // The second tap of two may land on the next page, on a button that means something else: nobody reads so fast.
  var since = performance.now();
  addEventListener('pageshow', function () { since = performance.now(); });
  addEventListener('click', function (e) {
    var ago = performance.now() - since;
    if (ago < 0 || ago > 700 || !e.target.closest || !e.target.closest('button, .button, .bar')) return;
    e.preventDefault();
    e.stopImmediatePropagation();
  }, true);
})();
