(function () {
  var lms = window.ispringLms, kept = lms.start(), state = kept ? JSON.parse(atob(kept)) : { slide: 1 }, request = new XMLHttpRequest();
  function show() { document.getElementById("place").textContent = state.slide + "/3"; }
  request.open("GET", "data/slides.json");
  request.onload = function () { state.count = JSON.parse(request.responseText).slides; show(); };
  request.send();
  document.getElementById("next").onclick = function () { state.slide = Math.min(state.count, state.slide + 1); lms.keep(state); show(); };
  document.getElementById("finish").onclick = function () { lms.result(80); };
})();
