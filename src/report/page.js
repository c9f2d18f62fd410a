
(function () {
  'use strict';
  var form = document.getElementById('search');
  if (!form) return;
  var find = document.getElementById('find'), group = document.getElementById('group');
  var found = document.getElementById('found');
  var blocks = Array.prototype.slice.call(document.querySelectorAll('#list ol'));
  var texts = null, waiting = 0;
  function read() {
    texts = blocks.map(function (b) {
      return Array.prototype.map.call(b.children, function (li) {
        return { li: li, text: li.textContent.toLowerCase(), group: li.className };
      });
    });
  }
  function show() {
    var words = find.value.toLowerCase().split(/\s+/).filter(Boolean), n = 0, all = 0;
    if (!texts) read();
    texts.forEach(function (rows, i) {
      var some = 0;
      rows.forEach(function (row) {
        var on = (!group.value || row.group === group.value) &&
          words.every(function (w) { return row.text.indexOf(w) >= 0; });
        row.li.hidden = !on;
        some += on;
      });
      blocks[i].hidden = !some;
      n += some;
      all += rows.length;
    });
    found.textContent = words.length || group.value ? n + ' of ' + all : '';
  }
  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(show, 80);
  }
  form.hidden = false;
  form.addEventListener('submit', function (e) { e.preventDefault(); });
  find.addEventListener('input', later);
  group.addEventListener('change', show);
})();
