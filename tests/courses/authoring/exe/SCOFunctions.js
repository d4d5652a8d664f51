// As eXeLearning does it: each page is a part of its own, and is done when it is left.
var startDate, exitPageStatus;
function loadPage() { pipwerks.SCORM.init(); startDate = new Date().getTime(); exitPageStatus = false; document.getElementById("place").textContent = pipwerks.SCORM.get("cmi.core.lesson_status"); }
function computeTime() { var s = Math.round((new Date().getTime() - startDate) / 1000); pipwerks.SCORM.set("cmi.core.session_time", "00:" + ("0" + Math.floor(s / 60)).slice(-2) + ":" + ("0" + (s % 60)).slice(-2)); }
function doQuit() { if (exitPageStatus) return; exitPageStatus = true; computeTime(); pipwerks.SCORM.set("cmi.core.exit", ""); pipwerks.SCORM.save(); pipwerks.SCORM.isActive = false; pipwerks.SCORM.handle.LMSFinish(""); }
function unloadPage() { if (exitPageStatus != true) { pipwerks.SCORM.set("cmi.core.lesson_status", "completed"); doQuit(); } }
