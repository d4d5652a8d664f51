/* The API object that a package finds: scorm-again's, with what it wrote noted, and with the holes closed. */
"use strict";

/**
 * @param runtime scorm-again's API object
 * @param version "1.2" or "2004"
 * @param navigation what the package may ask for, as the server found it; null where any part may be opened
 * @param on {start, change(element, value), commit, end}: called after a call that succeeded
 */
window.guardApi = function (runtime, version, navigation, on) {
  const is12 = version === "1.2";
  const prefix = is12 ? "LMS" : "";
  const endName = is12 ? "LMSFinish" : "Terminate";
  let refusal = "";

  function call(name, args) {
    refusal = "";
    return runtime[name](...args);
  }

  /* scorm-again does not know the way through the package; the server does, and has said it when the part began. */
  const ASKS = /^adl\.nav\.request_valid\.(?:(continue|previous)|(choice|jump)\.\{target=([^{}]+)\})$/;
  let isRunning = false;

  function getValue(element) {
    const asked = navigation && isRunning && ASKS.exec(element);
    if (!asked) {
      const value = call(prefix + "GetValue", [element]);
      if (!isContainer(value)) return String(value);
      refusal = is12 ? "201" : "401";
      return "";
    }
    refusal = "0";
    const [, step, way, target] = asked;
    return String(step ? navigation[step] : navigation[way][target] === true);
  }

  /* What holds elements is none itself: it can be neither read nor written. */
  const isContainer = (value) => typeof value === "object" && value !== null;

  function setValue(element, value) {
    const name = String(element);
    /* Writing the data model's root, or a branch of it, would destroy it, and scorm-again says that it went well. Of no
       name at all it says the right thing in 2004, where the standard has an error of its own for that. */
    const isWord = /^[a-z_]+(\.[a-z0-9_]+)+$/i.test(name) || (name === "" && !is12);
    const isBranch = /\.\d+$/.test(name) || (isRunning && isContainer(runtime[prefix + "GetValue"](name)));
    if (!isWord || isBranch || name.includes("__proto__")) {
      refusal = is12 ? "201" : "401";
      return "false";
    }
    const text = value === undefined || value === null ? "" : String(value);
    const result = String(call(prefix + "SetValue", [name, text]));
    if (result === "true") on.change(name, text);
    return result;
  }

  const api = {
    [prefix + "Initialize"](argument = "") {
      const result = String(call(prefix + "Initialize", [argument]));
      if (result === "true") {
        isRunning = true;
        on.start();
      }
      return result;
    },
    [endName](argument = "") {
      const result = String(call(endName, [argument]));
      if (result === "true") {
        isRunning = false;
        on.end();
      }
      return result;
    },
    [prefix + "GetValue"]: (element) => getValue(String(element)),
    [prefix + "SetValue"]: setValue,
    [prefix + "Commit"](argument = "") {
      const result = String(call(prefix + "Commit", [argument]));
      if (result === "true") on.commit();
      return result;
    },
    [prefix + "GetLastError"]: () => refusal || String(runtime[prefix + "GetLastError"]()),
    [prefix + "GetErrorString"]: (code) => String(runtime[prefix + "GetErrorString"](String(code))),
    [prefix + "GetDiagnostic"]: (code) => String(runtime[prefix + "GetDiagnostic"](String(code))),
  };
  if (!is12) api.version = "1.0";
  return Object.freeze(api);
};
