// As Lectora's scripts do it: the API through the frames above, also by the opener, and cookies beside it.
var api = null, page = 1, ended = false;
function getAPI() { var win = window, n = 0; while (n++ < 8 && win) { try { if (win.API) return win.API; } catch (e) { return null; } if (win.parent == win) break; win = win.parent; } try { return window.top.opener && window.top.opener.API; } catch (e) { return null; } }
function trivInit() {
  api = getAPI(); api.LMSInitialize("");
  try { document.cookie = "trivantis=1; path=/"; } catch (e) { }
  var kept = api.LMSGetValue("cmi.core.lesson_location"); if (kept) page = Number(/a00(\d)/.exec(kept)[1]);
  if (api.LMSGetValue("cmi.core.lesson_status") != "completed") api.LMSSetValue("cmi.core.lesson_status", "incomplete");
  trivShow();
}
function trivShow() { document.getElementById("place").firstChild ? (document.getElementById("place").firstChild.nodeValue = page + "/3") : document.getElementById("place").appendChild(document.createTextNode(page + "/3")); }
function trivNext() { page = Math.min(3, page + 1); api.LMSSetValue("cmi.core.lesson_location", "a00" + page + "page.html"); api.LMSCommit(""); trivShow(); }
function trivExit() { api.LMSSetValue("cmi.core.lesson_status", "completed"); api.LMSSetValue("cmi.core.exit", ""); api.LMSCommit(""); api.LMSFinish(""); ended = true; }
window.onbeforeunload = function () { if (api && !ended) { ended = true; api.LMSSetValue("cmi.core.exit", "suspend"); api.LMSFinish(""); } };
