/* The page around a course package. The package lives on another origin, in a sandboxed frame; it tells us that
   something has happened, and we ask our own server what. */

const KINDS = new Set(["started", "saving", "saved", "offline", "stopped", "ended", "left"]);
const player = document.getElementById("player");
const frame = document.getElementById("frame");
const status = document.getElementById("status");
const saving = document.getElementById("saving");
const items = JSON.parse(document.getElementById("items").textContent);
let sitting = null; /* { origin, launch, item } of what is in the frame */
let shown = ""; /* the status that the page shows */
let resolveLeft = null;

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

async function sitDown(item = "") {
  notice("");
  say("");
  const body = new FormData();
  body.set("item", item);
  body.set("csrfmiddlewaretoken", player.querySelector("[name=csrfmiddlewaretoken]").value);
  let answer;
  try {
    const reply = await fetch(player.dataset.sitDown, { method: "POST", body });
    answer = await reply.json();
    if (!reply.ok) return notice("failed", answer.message);
  } catch {
    return notice("failed");
  }
  sitting = { origin: new URL(answer.url).origin, launch: answer.launch, item: answer.item };
  frame.src = answer.url;
  await refresh();
}

/** Let the package say goodbye and everything be saved; gives up after a while, since the frame may be gone. */
function takeLeave() {
  if (!sitting) return Promise.resolve();
  const left = new Promise((resolve) => (resolveLeft = resolve));
  frame.contentWindow.postMessage({ kind: "leave", attempt: player.dataset.attempt }, sitting.origin);
  return Promise.race([left, new Promise((resolve) => setTimeout(resolve, 8000))]);
}

function hasLeft() {
  resolveLeft?.();
  resolveLeft = null;
}

async function goTo(item) {
  if (!item) return;
  await takeLeave();
  await sitDown(item);
}

function neighbour(step) {
  return items[items.indexOf(sitting?.item) + step];
}

function updateSteps() {
  for (const button of document.querySelectorAll("[data-step]")) {
    button.disabled = !sitting || !neighbour(Number(button.dataset.step));
  }
}

/** What a SCORM 2004 package asks for when it ends: go on, go back, go somewhere, or leave. */
function follow(request) {
  const target = /^\{target=([^{}]+)\}(?:choice|jump)$/.exec(request)?.[1];
  if (target && items.includes(target)) goTo(target);
  else if (request === "continue" && neighbour(1)) goTo(neighbour(1));
  else if (request === "previous" && neighbour(-1)) goTo(neighbour(-1));
  else notice("ended");
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
    refresh();
    if (!resolveLeft) follow(String(event.data.request ?? ""));
  }
  if (kind === "left") hasLeft();
});

player.addEventListener("click", (event) => {
  const part = event.target.closest?.("[data-item]");
  const step = event.target.closest?.("[data-step]");
  if (part) goTo(part.dataset.item);
  if (step) goTo(neighbour(Number(step.dataset.step)));
});

document.getElementById("leave").addEventListener("click", async (event) => {
  event.preventDefault();
  await takeLeave();
  location.assign(event.target.closest("a").href);
});

const full = document.getElementById("full");
if (document.fullscreenEnabled) {
  full.hidden = false;
  full.addEventListener("click", () => document.getElementById("stage").requestFullscreen());
}

updateSteps();
sitDown();
