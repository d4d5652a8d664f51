/* The page around a course package: the player's own page, or a lesson with packages in it. The package lives on
   another origin, in a sandboxed frame; it tells us that something has happened, and we ask our own server what. Where
   to go next the server decides, too: we ask it with a word (`move`), and show what it answers. */

class Player {
  constructor(root) {
    this.root = root;
    this.frame = this.at("frame");
    this.status = this.at("status");
    this.saving = this.at("saving");
    this.opener = this.at("open"); /* in a lesson: what opens the package there */
    this.sitting = null; /* { origin, launch, item } of what is in the frame */
    this.shown = ""; /* the status that the page shows */
    this.resolveLeft = null;
    this.isEmpty = true; /* whether there is nothing of the package in the frame, or not yet */
    this.refreshing = null;
    this.again = false;
    this.listen();
    if (root.hasAttribute("data-opens")) {
      this.updateSteps();
      this.move("open");
    }
  }

  at(name) {
    return this.root.querySelector(`[data-at="${name}"]`);
  }

  /** Whether a message is the launcher's own, about the sitting that is open. Everything else is dropped. */
  isOurs(event) {
    const data = event.data;
    return (
      this.sitting !== null &&
      event.origin === this.sitting.origin &&
      event.source === this.frame.contentWindow &&
      typeof data === "object" &&
      data !== null &&
      data.sender === "launcher" &&
      data.attempt === this.root.dataset.attempt &&
      data.launch === this.sitting.launch
    );
  }

  notice(name, message = "") {
    for (const box of this.root.querySelectorAll("[data-notice]")) box.hidden = box.dataset.notice !== name;
    const text = this.root.querySelector(`[data-notice="${name}"] [data-message]`);
    if (text && message) text.textContent = message;
  }

  say(state) {
    const text = this.saving.dataset[state] ?? "";
    const place = this.saving.firstElementChild;
    if (place.textContent !== text) place.textContent = text;
  }

  /** What the server says of the attempt, put in place of what stood there; at most one question at a time. */
  async refresh() {
    if (!this.root.dataset.statusUrl) return;
    if (this.refreshing) {
      this.again = true;
      return this.refreshing;
    }
    this.refreshing = (async () => {
      do {
        this.again = false;
        try {
          const reply = await fetch(this.root.dataset.statusUrl, { headers: { "X-Requested-With": "fetch" } });
          if (reply.ok && !reply.redirected) this.show(await reply.text());
        } catch {
          /* The launcher tells when the connection is gone. */
        }
      } while (this.again);
    })();
    await this.refreshing;
    this.refreshing = null;
  }

  show(text) {
    const { status } = this;
    const focused = status.contains(document.activeElement) && document.activeElement.dataset.item;
    status.innerHTML = text;
    if (focused) status.querySelector(`[data-item="${CSS.escape(focused)}"]`)?.focus();
    this.updateSteps();
    const state = status.querySelector("[data-state]")?.dataset.state;
    if (this.opener?.dataset[state]) this.opener.querySelector("[data-label]").textContent = this.opener.dataset[state];
    if (state === "done") {
      for (const line of document.querySelectorAll("[data-remains]")) {
        line.hidden ||= line.dataset.remains === this.root.dataset.key;
      }
    }
  }

  async post(url, values) {
    const body = new FormData();
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    const reply = await fetch(url, { method: "POST", body });
    return { isOk: reply.ok, ...(await reply.json()) };
  }

  /** Ask the server where to go, and go there. `verb` is one of the words of courses.actions.navigation. */
  async move(verb, item = "") {
    this.notice("");
    this.say("");
    let answer;
    try {
      answer = await this.post(this.root.dataset.move, { verb, item, launch: this.sitting?.launch ?? "" });
    } catch {
      return this.notice("failed");
    }
    if (!answer.isOk) {
      await this.refresh();
      return answer.code === "fenced"
        ? this.notice("fenced")
        : this.notice(this.sitting ? "why" : "failed", answer.message);
    }
    if (answer.url) {
      this.sitting = { origin: new URL(answer.url).origin, launch: answer.launch, item: answer.item };
      this.isEmpty = true;
      this.frame.src = answer.url;
    } else if (answer.left) {
      this.frame.src = "about:blank";
      this.isEmpty = true;
    }
    await this.refresh();
    if (answer.message) this.notice("why", answer.message);
    else if (answer.ended) this.notice("over");
    else if (answer.left) this.notice("choose");
    else if (!answer.url) this.notice("ended");
    return answer;
  }

  /** Let the package say goodbye and everything be saved; gives up after a while, since the frame may be gone. */
  takeLeave() {
    if (!this.sitting || this.isEmpty) return Promise.resolve();
    const left = new Promise((resolve) => (this.resolveLeft = resolve));
    const message = { kind: "leave", attempt: this.root.dataset.attempt };
    this.frame.contentWindow.postMessage(message, this.sitting.origin);
    return Promise.race([left, new Promise((resolve) => setTimeout(resolve, 8000))]);
  }

  hasLeft() {
    this.resolveLeft?.();
    this.resolveLeft = null;
  }

  /** Go somewhere else: what is open says goodbye first. */
  async go(verb, item = "") {
    await this.takeLeave();
    return this.move(verb, item);
  }

  /** The buttons as the package allows them just now. One that leads nowhere can be pressed still, and says why. */
  updateSteps() {
    const state = this.status.querySelector("[data-steps]");
    const hidden = new Set((state?.dataset.hidden ?? "").split(" "));
    for (const button of this.root.querySelectorAll("[data-step]")) {
      const why = state?.dataset[button.dataset.step];
      button.hidden = why === undefined;
      button.dataset.why = why ?? "";
      if (why) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
    const end = this.at("end");
    if (end) end.hidden = hidden.has("exitAll");
    this.at("leave")?.toggleAttribute("data-suspends", !hidden.has("suspendAll"));
  }

  async timeIsUp({ exits, tells }) {
    if (exits) await this.go("exit");
    if (tells) this.notice("timeup");
  }

  /** What the launcher tells. A word that is none of these does nothing. */
  receive({ kind, status, outcome, code, exits, tells }) {
    if (kind === "saving") this.say("saving");
    if (kind === "offline") {
      this.say("offline");
      this.notice("offline");
    }
    if (kind === "saved") {
      this.say("saved");
      this.notice("");
      const now = `${status} ${outcome} ${this.sitting.item}`;
      if (now !== this.shown) {
        this.shown = now;
        this.refresh();
      }
    }
    if (kind === "stopped") {
      this.say("");
      this.notice({ fenced: "fenced", expired: "expired" }[String(code)] ?? "closed");
      this.hasLeft();
    }
    if (kind === "ended") {
      this.shown = "";
      if (this.resolveLeft) this.refresh();
      else this.move("follow");
    }
    if (kind === "timeup") this.timeIsUp({ exits, tells });
    if (kind === "ready") this.isEmpty = false;
    if (kind === "left") this.hasLeft();
  }

  /** In a lesson: begin, or go on where one was, in the frame that stands there. */
  async open() {
    this.opener.disabled = true;
    this.notice("");
    try {
      const answer = await this.post(this.root.dataset.begin, {});
      if (!answer.isOk) return this.notice("failed", answer.message);
      Object.assign(this.root.dataset, { attempt: answer.attempt, move: answer.move, statusUrl: answer.status });
      this.at("window")?.setAttribute("href", answer.window);
    } catch {
      return this.notice("failed");
    } finally {
      this.opener.disabled = false;
    }
    this.at("room").hidden = false;
    this.opener.hidden = true;
    await this.move("open");
    this.frame.focus();
    this.frame.scrollIntoView({ block: "nearest" });
  }

  /** In a lesson: save, and put the frame away; the focus goes back to what opened it. */
  async close() {
    await this.leave();
    this.frame.src = "about:blank";
    this.sitting = null;
    this.notice("");
    this.at("room").hidden = true;
    this.opener.hidden = false;
    this.opener.focus();
    await this.refresh();
  }

  /** Everything saved, so that another page can take over. */
  async leave() {
    await this.takeLeave();
    if (this.sitting) await this.move("suspendAll");
  }

  listen() {
    window.addEventListener("message", (event) => {
      if (this.isOurs(event)) this.receive(event.data);
    });
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-item], [data-step], [data-again]");
      if (!button) return;
      if (button.dataset.why) this.notice("why", button.dataset.why);
      else if ("again" in button.dataset) this.move("open");
      else if (button.dataset.step) this.go(button.dataset.step);
      else this.go("choice", button.dataset.item);
    });
    this.at("leave")?.addEventListener("click", async (event) => {
      event.preventDefault();
      await this.leave();
      location.assign(event.target.closest("a").href);
    });
    const dialog = this.at("end-dialog");
    this.at("end")?.addEventListener("click", () => dialog.showModal());
    this.at("end-now")?.addEventListener("click", async () => {
      dialog.close();
      await this.go("exitAll");
    });
    const full = this.at("full");
    if (document.fullscreenEnabled) {
      full.hidden = false;
      full.addEventListener("click", () => this.at("stage").requestFullscreen());
    }
    this.opener?.addEventListener("click", (event) => {
      event.preventDefault();
      this.open();
    });
    this.at("close")?.addEventListener("click", () => this.close());
    this.at("window")?.addEventListener("click", () => this.at("room").hidden || this.close());
  }
}

const players = [...document.querySelectorAll("[data-player]")].map((root) => new Player(root));
const inLesson = players.filter((player) => player.opener);

/* A lesson is handed in when what its packages have to say is saved: the server looks at nothing else. */
document.addEventListener(
  "submit",
  async (event) => {
    const open = inLesson.filter((player) => player.sitting && !player.isEmpty);
    if (!open.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await Promise.all(open.map((player) => player.leave()));
    for (const player of open) player.sitting = null;
    event.target.requestSubmit(event.submitter);
  },
  { capture: true },
);

/* Whoever has had a package open in a window of its own comes back to a page that knows. */
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") for (const player of inLesson) player.refresh();
});
