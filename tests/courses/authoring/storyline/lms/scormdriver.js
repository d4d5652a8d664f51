// As the driver of Articulate's courses does it: a long search for the API, everything read before anything is shown.
var API_FOUND = null, DRIVER_READY = false, startedAt = new Date();
function scan(win) { var tries = 0; while (win.API == null && win.parent != null && win.parent != win) { if (++tries > 500) return null; win = win.parent; } return win.API; }
function findApi(win) { if (win.parent != null && win.parent != win) API_FOUND = scan(win.parent); if (API_FOUND == null && win.opener != null) API_FOUND = scan(win.opener); return API_FOUND; }
function spent() { var s = Math.round((new Date() - startedAt) / 1000), p = function (n) { return (n < 10 ? "0" : "") + n; }; return "00" + p(Math.floor(s / 3600)) + ":" + p(Math.floor(s / 60) % 60) + ":" + p(s % 60) + ".00"; }
function LMSGet(name) { var value = API_FOUND.LMSGetValue(name); if (API_FOUND.LMSGetLastError() != "0") value = ""; return value; }
function LMSSet(name, value) { return API_FOUND.LMSSetValue(name, String(value)); }
function startUp() {
  findApi(window);
  if (API_FOUND == null || API_FOUND.LMSInitialize("") != "true") { document.title = "NO API"; return; }
  LMSGet("cmi.core.student_name"); LMSGet("cmi.student_data.mastery_score"); LMSGet("cmi.core.lesson_mode"); LMSGet("cmi.core.credit");
  LMSSet("cmi.core.exit", "suspend");
  var status = LMSGet("cmi.core.lesson_status");
  if (status == "not attempted" || status == "") { LMSSet("cmi.core.lesson_status", "incomplete"); API_FOUND.LMSCommit(""); }
  DRIVER_READY = true;
  document.getElementById("content").src = "story.html";
}
function GetDataChunk() { return LMSGet("cmi.suspend_data"); }
function SetDataChunk(text) { LMSSet("cmi.suspend_data", text); LMSSet("cmi.core.session_time", spent()); return API_FOUND.LMSCommit(""); }
function RecordInteraction(id, response, correct) {
  var n = LMSGet("cmi.interactions._count");
  LMSSet("cmi.interactions." + n + ".id", id); LMSSet("cmi.interactions." + n + ".type", "choice");
  LMSSet("cmi.interactions." + n + ".student_response", response); LMSSet("cmi.interactions." + n + ".result", correct ? "correct" : "wrong");
  LMSSet("cmi.interactions." + n + ".correct_responses.0.pattern", "a"); LMSSet("cmi.interactions." + n + ".weighting", "10");
  LMSSet("cmi.interactions." + n + ".latency", "0000:00:04.10"); LMSSet("cmi.interactions." + n + ".time", new Date().toTimeString().slice(0, 8));
}
function SetScore(raw, max, min) { LMSSet("cmi.core.score.raw", raw); LMSSet("cmi.core.score.max", max); LMSSet("cmi.core.score.min", min); }
function SetPassed() { LMSSet("cmi.core.lesson_status", "passed"); API_FOUND.LMSCommit(""); }
var finished = false;
function Unload() { if (finished || !DRIVER_READY) return; finished = true; LMSSet("cmi.core.session_time", spent()); API_FOUND.LMSCommit(""); API_FOUND.LMSFinish(""); }
window.onbeforeunload = Unload; window.onunload = Unload;
