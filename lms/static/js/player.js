/* The page around a course package. The package lives on another origin, in a sandboxed frame; it tells us that
   something has happened, and we ask our own server what. Where to go next the server decides, too: we ask it with a
   word (`move`), and show what it answers. */

const KINDS = new Set(["started", "saving", "saved", "offline", "stopped", "ended", "left", "timeup", "ready"]);
const player = document.getElementById("player");
const frame = document.getElementById("frame");
const status = document.getElementById("status");
const saving = document.getElementById("saving");
let sitting = null; /* { origin, launch, item } of what is in the frame */
let shown = ""; /* the status that the page shows */
let resolveLeft = null;
let isEmpty = true; /* whether there is nothing of the package in the frame, or not yet */

/** Whether a message is the launcher's own, about the sitting that is open. Everything else is dropped. */
function isOurs(event) {
  const data = event.data;
  return (
    sitting !== null &&
    event.origin === sitting.origin &&
    event.source === frame.contentWindow &&
    typeof data === "object" &&
    data !== null &&
    data.sender === "launcher" &&
    data.attempt === player.dataset.attempt &&
    data.launch === sitting.launch &&
    KINDS.has(data.kind)
  );
}

function notice(name, message = "") {
  for (const box of document.querySelectorAll("[data-notice]")) box.hidden = box.dataset.notice !== name;
  const text = document.querySelector(`[data-notice="${name}"] [data-message]`);
  if (text && message) text.textContent = message;
}

function say(state) {
  const text = saving.dataset[state] ?? "";
  const place = saving.firstElementChild;
  if (place.textContent !== text) place.textContent = text;
}

let refreshing = null;
let again = false;

/** What the server says of the attempt, put in place of what stood there; at most one question at a time. */
async function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      again = false;
      try {
        const reply = await fetch(player.dataset.statusUrl, { headers: { "X-Requested-With": "fetch" } });
        if (reply.ok && !reply.redirected) {
          const focused = status.contains(document.activeElement) && document.activeElement.dataset.item;
          status.innerHTML = await reply.text();
          if (focused) status.querySelector(`[data-item="${CSS.escape(focused)}"]`)?.focus();
          updateSteps();
        }
      } catch {
        /* The launcher tells when the connection is gone. */
      }
    } while (again);
  })();
  await refreshing;
  refreshing = null;
}

/** Ask the server where to go, and go there. `verb` is one of the words of courses.actions.navigation. */
async function move(verb, item = "") {
  notice("");
  say("");
  const body = new FormData();
  body.set("verb", verb);
  body.set("item", item);
  body.set("launch", sitting?.launch ?? "");
  body.set("csrfmiddlewaretoken", player.querySelector("[name=csrfmiddlewaretoken]").value);
  let answer;
  try {
    const reply = await fetch(player.dataset.move, { method: "POST", body });
    answer = await reply.json();
    if (!reply.ok) {
      await refresh();
      return answer.code === "fenced" ? notice("fenced") : notice(sitting ? "why" : "failed", answer.message);
    }
  } catch {
    return notice("failed");
  }
  if (answer.url) {
    sitting = { origin: new URL(answer.url).origin, launch: answer.launch, item: answer.item };
    isEmpty = true;
    frame.src = answer.url;
  } else if (answer.left) {
    frame.src = "about:blank";
    isEmpty = true;
  }
  await refresh();
  if (answer.message) notice("why", answer.message);
  else if (answer.ended) notice("over");
  else if (answer.left) notice("choose");
  else if (!answer.url) notice("ended");
  return answer;
}

/** Let the package say goodbye and everything be saved; gives up after a while, since the frame may be gone. */
function takeLeave() {
  if (!sitting || isEmpty) return Promise.resolve();
  const left = new Promise((resolve) => (resolveLeft = resolve));
  frame.contentWindow.postMessage({ kind: "leave", attempt: player.dataset.attempt }, sitting.origin);
  return Promise.race([left, new Promise((resolve) => setTimeout(resolve, 8000))]);
}

function hasLeft() {
  resolveLeft?.();
  resolveLeft = null;
}

/** Go somewhere else: what is open says goodbye first. */
async function go(verb, item = "") {
  await takeLeave();
  return move(verb, item);
}

/** The buttons as the package allows them just now. One that leads nowhere can be pressed still, and says why. */
function updateSteps() {
  const state = status.querySelector("[data-steps]");
  const hidden = new Set((state?.dataset.hidden ?? "").split(" "));
  for (const button of document.querySelectorAll("[data-step]")) {
    const why = state?.dataset[button.dataset.step];
    button.hidden = why === undefined;
    button.dataset.why = why ?? "";
    if (why) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
  const end = document.getElementById("end");
  if (end) end.hidden = hidden.has("exitAll");
  document.getElementById("leave").toggleAttribute("data-suspends", !hidden.has("suspendAll"));
}

window.addEventListener("message", (event) => {
  if (!isOurs(event)) return;
  const { kind } = event.data;
  if (kind === "saving") say("saving");
  if (kind === "offline") {
    say("offline");
    notice("offline");
  }
  if (kind === "saved") {
    say("saved");
    notice("");
    const now = `${event.data.status} ${event.data.outcome} ${sitting.item}`;
    if (now !== shown) {
      shown = now;
      refresh();
    }
  }
  if (kind === "stopped") {
    say("");
    const code = String(event.data.code);
    notice({ fenced: "fenced", expired: "expired" }[code] ?? "closed");
    hasLeft();
  }
  if (kind === "ended") {
    shown = "";
    if (resolveLeft) refresh();
    else move("follow");
  }
  if (kind === "timeup") timeIsUp(event.data);
  if (kind === "ready") isEmpty = false;
  if (kind === "left") hasLeft();
});

async function timeIsUp({ exits, tells }) {
  if (exits) await go("exit");
  if (tells) notice("timeup");
}

player.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-item], [data-step]");
  if (!button) return;
  if (button.dataset.why) notice("why", button.dataset.why);
  else if (button.dataset.step) go(button.dataset.step);
  else go("choice", button.dataset.item);
});

document.getElementById("leave").addEventListener("click", async (event) => {
  event.preventDefault();
  await takeLeave();
  if (sitting) await move("suspendAll");
  location.assign(event.target.closest("a").href);
});

const dialog = document.getElementById("end-dialog");
document.getElementById("end")?.addEventListener("click", () => dialog.showModal());
document.getElementById("end-now")?.addEventListener("click", async () => {
  dialog.close();
  await go("exitAll");
});

const full = document.getElementById("full");
if (document.fullscreenEnabled) {
  full.hidden = false;
  full.addEventListener("click", () => document.getElementById("stage").requestFullscreen());
}

updateSteps();
move("open");
