// As Xerte does it: its whole state as JSON, interactions with time stamps, completion and score said together at the end.
var state = { page_nr: 1 }, xtOver = false;
function XTInitialise() { getAPIHandle().Initialize(""); var mode = getValue("cmi.mode"); var kept = getValue("cmi.suspend_data"); if (getValue("cmi.entry") == "resume" && kept) state = JSON.parse(kept); if (mode == "normal" && getValue("cmi.completion_status") == "unknown") setValue("cmi.completion_status", "incomplete"); setValue("cmi.exit", "suspend"); XTShow(); }
function XTShow() { document.getElementById("place").textContent = state.page_nr + "/3"; }
function XTNext() {
  var n = getValue("cmi.interactions._count");
  setValue("cmi.interactions." + n + ".id", "urn:x-xerte-p-" + state.page_nr); setValue("cmi.interactions." + n + ".type", "other"); setValue("cmi.interactions." + n + ".timestamp", new Date().toISOString().slice(0, 19) + "Z"); setValue("cmi.interactions." + n + ".latency", "PT4S");
  state.page_nr = Math.min(3, state.page_nr + 1); setValue("cmi.location", state.page_nr); setValue("cmi.suspend_data", JSON.stringify(state)); getAPIHandle().Commit(""); XTShow();
}
function XTSetScore(scaled) { setValue("cmi.score.min", 0); setValue("cmi.score.max", 100); setValue("cmi.score.raw", scaled * 100); setValue("cmi.score.scaled", scaled); setValue("cmi.progress_measure", 1); setValue("cmi.completion_status", "completed"); setValue("cmi.success_status", "passed"); getAPIHandle().Commit(""); }
function XTTerminate() { if (xtOver) return; xtOver = true; setValue("cmi.session_time", "PT30S"); getAPIHandle().Commit(""); getAPIHandle().Terminate(""); }
