// As Adobe Captivate does it: one object for the API, every value read back after it was written, synchronous goodbye.
var g_objAPI = null, g_nSlide = 1, g_bInit = false, g_dtmStart = new Date();
function findAPI(win) { while (win.API == null && win.parent != null && win.parent != win) win = win.parent; return win.API; }
function doLMSSetValue(name, value) { var ok = g_objAPI.LMSSetValue(name, "" + value); var err = g_objAPI.LMSGetLastError(); if (err != 0) document.title = name + " " + err + " " + g_objAPI.LMSGetErrorString(err); return ok; }
function show() { document.getElementById("place").innerHTML = g_nSlide + "/3"; }
function initializeSCORM() {
  g_objAPI = findAPI(window);
  g_bInit = g_objAPI.LMSInitialize("") == "true";
  g_objAPI.LMSGetValue("cmi.core._children"); g_objAPI.LMSGetValue("cmi.objectives._count"); g_objAPI.LMSGetValue("cmi.interactions._children");
  g_objAPI.LMSGetValue("cmi.student_preference.language");
  var location = g_objAPI.LMSGetValue("cmi.core.lesson_location");
  if (location) g_nSlide = parseInt(location.replace("Slide", ""), 10);
  doLMSSetValue("cmi.core.exit", "suspend");
  if (g_objAPI.LMSGetValue("cmi.core.lesson_status") == "not attempted") doLMSSetValue("cmi.core.lesson_status", "incomplete");
  g_objAPI.LMSCommit("");
  document.getElementById("next").onclick = function () { g_nSlide = Math.min(3, g_nSlide + 1); doLMSSetValue("cmi.core.lesson_location", "Slide" + g_nSlide); doLMSSetValue("cmi.suspend_data", "A1SnA0Enone$nP000AA" + g_nSlide); g_objAPI.LMSCommit(""); show(); };
  document.getElementById("finish").onclick = finish;
  show();
}
function finish() {
  var n = g_objAPI.LMSGetValue("cmi.interactions._count");
  doLMSSetValue("cmi.interactions." + n + ".id", "36241"); doLMSSetValue("cmi.interactions." + n + ".objectives.0.id", "Quiz_2026");
  doLMSSetValue("cmi.interactions." + n + ".time", "10:15:30"); doLMSSetValue("cmi.interactions." + n + ".type", "true-false");
  doLMSSetValue("cmi.interactions." + n + ".correct_responses.0.pattern", "t"); doLMSSetValue("cmi.interactions." + n + ".student_response", "t");
  doLMSSetValue("cmi.interactions." + n + ".result", "correct"); doLMSSetValue("cmi.interactions." + n + ".weighting", "10"); doLMSSetValue("cmi.interactions." + n + ".latency", "00:00:05");
  doLMSSetValue("cmi.core.score.min", 0); doLMSSetValue("cmi.core.score.max", 100); doLMSSetValue("cmi.core.score.raw", 90);
  doLMSSetValue("cmi.core.lesson_status", "completed"); g_objAPI.LMSCommit("");
}
window.onunload = window.onbeforeunload = function () { if (!g_bInit) return; g_bInit = false; var s = Math.round((new Date() - g_dtmStart) / 1000); doLMSSetValue("cmi.core.session_time", "0000:" + ("0" + Math.floor(s / 60)).slice(-2) + ":" + ("0" + s % 60).slice(-2) + ".00"); g_objAPI.LMSCommit(""); g_objAPI.LMSFinish(""); };
