/* Starts a part of a package: puts its data in place, gives it the API, and tells the page around what happens. */
"use strict";

(() => {
  const config = JSON.parse(document.getElementById("config").textContent);
  const frame = document.getElementById("content");
  const is12 = config.version === "1.2";
  let hasStarted = false;
  let hasEnded = false;

  const tell = (kind, details = {}) =>
    window.parent.postMessage(
      { ...details, sender: "launcher", attempt: config.attempt, launch: config.launch, kind },
      config.parentOrigin,
    );
  const saver = new window.Saver({
    url: config.commitUrl,
    token: config.token,
    sequence: config.sequence,
    tell: (kind, details) => tell(kind, details),
  });

  const Runtime = is12 ? window.Scorm12API : window.Scorm2004API;
  const runtime = new Runtime({ autocommit: false, lmsCommitUrl: false, logLevel: 5 });
  if (config.shared.maps.length) {
    runtime.adl.configureSharedDataMaps(config.shared.maps);
    runtime.adl.restoreSharedDataSnapshot(config.shared.stores);
  }
  if (is12) window.loadInOrder(runtime, config.data);
  const exact = is12 ? runtime : window.byTheBook(runtime, config.data);
  const api = window.guardApi(exact, config.version, config.navigation, {
    start() {
      hasStarted = true;
      tell("started");
      if (config.limit) setTimeout(timeIsUp, Math.min(config.limit.seconds * 1000, 2 ** 31 - 1));
    },
    change(element, value) {
      saver.change(element, value);
    },
    commit: () => saver.save("commit"),
    async end() {
      hasEnded = true;
      saver.save("terminate");
      await saver.settled(10000);
      tell("ended");
    },
  });
  Object.defineProperty(window, is12 ? "API" : "API_1484_11", { value: api, enumerable: true });

  function timeIsUp() {
    if (!hasEnded) tell("timeup", { exits: config.limit.exits, tells: config.limit.tells });
  }

  async function leave() {
    /* The package's own farewell comes first; one that says none is saved as it stands. */
    const isGone = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
    frame.src = "about:blank";
    await Promise.race([isGone, new Promise((resolve) => setTimeout(resolve, 2000))]);
    if (hasStarted && !hasEnded) saver.save("commit");
    await saver.settled(5000);
    tell("left");
  }

  window.addEventListener("message", (event) => {
    if (event.origin !== config.parentOrigin || event.source !== window.parent) return;
    if (event.data?.attempt === config.attempt && event.data.kind === "leave") leave();
  });
  window.addEventListener("pagehide", () => {
    saver.isLeaving = true;
    saver.save("autosave");
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saver.save("autosave");
  });

  tell("ready");
  if (config.isFenced) tell("stopped", { code: "fenced" });
  else frame.src = config.contentUrl;
})();
