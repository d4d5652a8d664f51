// As the wrapper by pipwerks does it, which Adapt and many home-made courses use: it finds out the version by itself.
var pipwerks = { SCORM: { version: null, handle: null, isActive: false } };
pipwerks.SCORM.find = function (win) {
  var attempts = 0;
  while (!win.API && !win.API_1484_11 && win.parent && win.parent != win && attempts++ <= 500) win = win.parent;
  if (win.API_1484_11) { this.version = "2004"; return win.API_1484_11; }
  if (win.API) { this.version = "1.2"; return win.API; }
  return null;
};
pipwerks.SCORM.init = function () {
  var handle = (this.handle = this.find(window)), old = this.version == "1.2";
  this.isActive = String(old ? handle.LMSInitialize("") : handle.Initialize("")) == "true";
  var status = this.get(old ? "cmi.core.lesson_status" : "cmi.completion_status");
  if (status == "not attempted" || status == "unknown") this.set(old ? "cmi.core.lesson_status" : "cmi.completion_status", "incomplete");
  if (this.get(old ? "cmi.core.entry" : "cmi.entry") == "") document.body.dataset.entry = "neither";
  return this.isActive;
};
pipwerks.SCORM.get = function (name) { return String(this.version == "1.2" ? this.handle.LMSGetValue(name) : this.handle.GetValue(name)); };
pipwerks.SCORM.set = function (name, value) { return this.version == "1.2" ? this.handle.LMSSetValue(name, value) : this.handle.SetValue(name, value); };
pipwerks.SCORM.save = function () { return this.version == "1.2" ? this.handle.LMSCommit("") : this.handle.Commit(""); };
pipwerks.SCORM.quit = function () { if (!this.isActive) return; this.isActive = false; this.set(this.version == "1.2" ? "cmi.core.exit" : "cmi.exit", "suspend"); this.save(); return this.version == "1.2" ? this.handle.LMSFinish("") : this.handle.Terminate(""); };
