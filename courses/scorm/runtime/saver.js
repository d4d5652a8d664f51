/* Carries what a package writes to the server, so that nothing is lost on a bad line and nothing counts twice.

   Every commit holds all that has changed since the last one the server acknowledged; so a commit that got lost needs no
   other care than that the next one is sent. Commits are numbered upwards, also across reloads, and the server leaves
   out any that come after a newer one. They are simple requests (text/plain, the token in the address): the browser
   needs no leave to send them, not even while the page is closing. */
"use strict";

window.Saver = class {
  static AUTOSAVE_MS = 1500;
  static KEEPALIVE_BYTES = 60000; /* browsers refuse more than 64 KiB once the page is gone */
  static STRENGTH = { autosave: 0, commit: 1, terminate: 2 };

  /** `tell(kind, details)` hears: saving, saved, offline, and stopped with the server's code. */
  constructor({ url, token, sequence, tell }) {
    this.url = url;
    this.token = token;
    this.sequence = sequence;
    this.tell = tell;
    this.unsaved = new Map();
    this.stamp = 0;
    this.owed = null; /* the strongest trigger that the server has not acknowledged */
    this.isSending = false;
    this.isLeaving = false;
    this.isStopped = false;
    this.failures = 0;
    this.timer = null;
    this.waiting = [];
    window.addEventListener("online", () => this.owed && this.send());
  }

  change(element, value) {
    this.unsaved.delete(element); /* so that the order is that of the last writing: ids come before what they hold */
    this.unsaved.set(element, { value, stamp: ++this.stamp });
    if (this.isLeaving) this.save("autosave");
    else this.timer ??= setTimeout(() => this.save("autosave"), Saver.AUTOSAVE_MS);
  }

  save(trigger) {
    if (this.isStopped) return;
    if (trigger === "autosave" && !this.unsaved.size && !this.owed) return;
    if (!this.owed || Saver.STRENGTH[trigger] > Saver.STRENGTH[this.owed]) this.owed = trigger;
    this.send();
  }

  /** Resolves when everything is acknowledged, or nothing more can be, or the time is up. */
  settled(timeout) {
    return new Promise((resolve) => {
      if (!this.owed && !this.isSending) return resolve();
      this.waiting.push(resolve);
      setTimeout(resolve, timeout);
    });
  }

  async send() {
    if (this.isStopped || (this.isSending && !this.isLeaving)) return;
    clearTimeout(this.timer);
    this.timer = null;
    const trigger = this.owed;
    const sent = this.stamp;
    this.owed = null;
    this.isSending = true;
    this.sequence = Math.max(this.sequence + 1, Date.now());
    this.tell("saving");
    let wait = 0;
    try {
      const reply = await this.post(trigger, [...this.unsaved]);
      const answer = await reply.json().catch(() => ({}));
      if (reply.ok) {
        this.acknowledge(sent, answer);
      } else if (reply.status >= 500 || reply.status === 429) {
        wait = this.fail(trigger);
      } else {
        this.isStopped = true;
        this.tell("stopped", { code: String(answer.code || "refused") });
      }
    } catch {
      wait = this.fail(trigger);
    }
    this.isSending = false;
    if (this.isStopped || (!this.owed && !this.unsaved.size)) {
      for (const resolve of this.waiting.splice(0)) resolve();
    } else if (wait) {
      this.timer ??= setTimeout(() => this.send(), wait);
    } else if (this.owed) {
      this.send();
    } else {
      this.owed = "autosave";
      this.timer ??= setTimeout(() => this.send(), Saver.AUTOSAVE_MS);
    }
  }

  acknowledge(sent, answer) {
    this.failures = 0;
    if (typeof answer.token === "string") this.token = answer.token;
    for (const [element, { stamp }] of this.unsaved) if (stamp <= sent) this.unsaved.delete(element);
    this.tell("saved", { status: String(answer.status || ""), outcome: String(answer.outcome || "") });
  }

  fail(trigger) {
    if (!this.owed || Saver.STRENGTH[trigger] > Saver.STRENGTH[this.owed]) this.owed = trigger;
    this.failures += 1;
    this.tell("offline");
    return Math.min(30000, 1000 * 2 ** (this.failures - 1));
  }

  post(trigger, changes) {
    const encode = (entries) =>
      JSON.stringify({
        sequence: this.sequence,
        trigger,
        changes: Object.fromEntries(entries.map(([element, { value }]) => [element, value])),
      });
    let body = encode(changes);
    const size = (text) => new TextEncoder().encode(text).length;
    let keepalive = size(body) <= Saver.KEEPALIVE_BYTES;
    if (!keepalive && this.isLeaving) {
      /* Too large to outlive the page: what says how far the learner has come goes first, the bulky parts are left. */
      const rest = [...changes].sort((a, b) => a[1].value.length - b[1].value.length);
      while (size(encode(rest)) > Saver.KEEPALIVE_BYTES) rest.pop();
      body = encode(rest);
      keepalive = true;
    }
    return fetch(`${this.url}?token=${encodeURIComponent(this.token)}`, {
      method: "POST",
      mode: "cors",
      credentials: "omit",
      headers: { "Content-Type": "text/plain" },
      body,
      keepalive,
    });
  }
};
