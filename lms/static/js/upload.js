/* A form that uploads a large file: how far it has come, a way to stop, and the chosen file kept when it is refused.
   Without this script the form is sent as any other. The words are in the form's data attributes. */

const UNITS = ["byte", "kB", "MB", "GB"];

function size(bytes) {
  const power = Math.min(3, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1000)));
  const language = document.documentElement.lang;
  return `${(bytes / 1000 ** power).toLocaleString(language, { maximumFractionDigits: power > 1 ? 1 : 0 })} ${UNITS[power]}`;
}

function enhance(form) {
  const { dataset } = form;
  const input = form.querySelector("input[type=file]");
  const box = form.querySelector("[data-upload-progress]");
  const bar = box.querySelector("progress");
  const said = box.querySelector("[data-upload-said]");
  const stop = box.querySelector("button");
  const send = form.querySelector("button[type=submit]");
  let request = null;

  function show(text, { working }) {
    box.hidden = false;
    bar.hidden = !working;
    stop.hidden = !working;
    send.disabled = working;
    said.textContent = text;
  }

  function refuse(html, status) {
    /* The answer is the same page with what is wrong; the chosen file is put back, as a browser alone would not. */
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = page.querySelector("main");
    if (!main) return show(dataset.failed, { working: false });
    const files = input.files;
    document.querySelector("main").replaceChildren(...main.childNodes);
    document.title = page.title;
    const again = document.querySelector("form[data-upload]");
    if (again) {
      enhance(again);
      if (status === 422) again.querySelector("input[type=file]").files = files;
    }
    const told = document.querySelector(".error-summary, [role=alert], .notice, main h1");
    told?.setAttribute("tabindex", "-1");
    told?.focus();
  }

  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (!file || request) return;
    event.preventDefault();
    if (file.size > Number(dataset.maxBytes)) return show(dataset.tooLarge, { working: false });
    request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Upload", "progress");
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.max = total;
      bar.value = loaded;
      if (loaded < total) said.textContent = dataset.progress.replace("{sent}", size(loaded)).replace("{all}", size(total));
    });
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      stop.hidden = true;
      said.textContent = dataset.checking;
    });
    request.addEventListener("load", () => {
      const { status, responseText } = request;
      const url = request.getResponseHeader("X-Upload-Done");
      request = null;
      if (status === 204 && url) location.assign(url);
      else refuse(responseText, status);
    });
    request.addEventListener("error", () => {
      request = null;
      show(dataset.failed, { working: false });
    });
    request.addEventListener("abort", () => {
      request = null;
      show(dataset.stopped, { working: false });
    });
    show(dataset.progress.replace("{sent}", size(0)).replace("{all}", size(file.size)), { working: true });
    request.send(new FormData(form));
  });
  stop.addEventListener("click", () => request?.abort());
}

for (const form of document.querySelectorAll("form[data-upload]")) enhance(form);
