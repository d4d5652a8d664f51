// As the driver of Rise does it: SCORM 2004, all progress in one suspend text, committed after each lesson.
var api = null, began = new Date(), open = false;
function getAPI(win) { var n = 0; while (!win.API_1484_11 && win.parent && win.parent !== win && n++ < 7) win = win.parent; return win.API_1484_11; }
function LoadContent() {
  api = getAPI(window);
  if (!api || api.Initialize("") !== "true") { document.title = "NO API"; return; }
  open = true;
  if (api.GetValue("cmi.completion_status") === "unknown") api.SetValue("cmi.completion_status", "incomplete");
  api.SetValue("cmi.exit", "suspend");
  api.Commit("");
  document.getElementById("content").src = "../scormcontent/index.html#/?preview=0";
}
function GetDataChunk() { return api.GetValue("cmi.suspend_data"); }
function SetDataChunk(text) { api.SetValue("cmi.suspend_data", text); api.SetValue("cmi.session_time", "PT" + Math.round((new Date() - began) / 1000) + "S"); api.Commit(""); }
function SetBookmark(text) { api.SetValue("cmi.location", text); }
function SetReachedEnd() { api.SetValue("cmi.progress_measure", "1"); api.SetValue("cmi.completion_status", "completed"); api.SetValue("cmi.success_status", "passed"); api.Commit(""); }
function Unload() { if (!open) return; open = false; api.SetValue("cmi.exit", "suspend"); api.Terminate(""); }
window.addEventListener("pagehide", Unload);
