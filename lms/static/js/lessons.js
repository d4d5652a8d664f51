/* Lessons and knowledge tests work as plain pages and forms. This saves as one goes along, keeps a second press of a
   button from being sent, and counts the time down. The server decides what is saved and when the time is over. */

const DELAY = 1200;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-autosave-status]");
  if (!status) continue;
  let timer = 0;
  let isSubmitting = false;
  let latest = 0;

  const tell = (state) => {
    status.dataset.state = state;
    status.textContent = form.dataset[state] ?? "";
  };

  const save = async () => {
    clearTimeout(timer);
    timer = 0;
    if (isSubmitting) return;
    const number = (latest += 1);
    const body = new FormData(form);
    body.set("do", "save");
    tell("saving");
    try {
      const answer = await fetch(location.href, { method: "POST", body, headers: { "X-Autosave": "1" } });
      if (number !== latest || isSubmitting) return;
      if (answer.status === 409 || answer.redirected) location.reload();
      else tell(answer.ok ? "saved" : "failed");
    } catch {
      if (number === latest) tell("failed");
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, DELAY);
  });
  form.addEventListener("change", save);
  form.addEventListener("submit", (event) => {
    if (isSubmitting) {
      event.preventDefault();
      return;
    }
    isSubmitting = true;
    clearTimeout(timer);
  });
  // The page comes back from the browser's memory as it was left: it may be sent again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer) save();
  });
}

const clock = document.querySelector("[data-seconds]");
if (clock) {
  const shown = clock.querySelector("[data-clock]");
  const spoken = clock.querySelector("[data-clock-spoken]");
  const end = performance.now() + 1000 * Number(clock.dataset.seconds);
  const words = clock.dataset;
  const told = new Set();
  const tick = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    const minutes = Math.floor(left / 60);
    const time = `${minutes}.${String(left % 60).padStart(2, "0")}`;
    shown.textContent = words.wordsLeft.replace("{time}", time);
    for (const limit of [10, 5, 1]) {
      if (left <= 60 * limit && left > 60 * limit - 5 && !told.has(limit)) {
        told.add(limit);
        spoken.textContent = words.wordsLeft.replace("{time}", words.wordsMinutes.replace("{minutes}", String(limit)));
      }
    }
    if (left > 0) {
      setTimeout(tick, 1000);
      return;
    }
    spoken.textContent = words.wordsOver;
    const form = document.querySelector("form.examination");
    const anyway = document.createElement("input");
    anyway.type = "hidden";
    anyway.name = "do";
    anyway.value = "anyway";
    form.append(anyway);
    form.requestSubmit();
  };
  tick();
}
