/* Small improvements over pages that already work without scripts. */

const root = document.documentElement;
root.classList.add("js");

/* The menu on a phone: the link to #meny becomes a button that opens and closes. */
for (const link of document.querySelectorAll("[data-menu]")) {
  const menu = document.querySelector(link.hash);
  const button = document.createElement("button");
  button.type = "button";
  button.className = link.className;
  button.id = link.id;
  button.append(...link.childNodes);
  button.setAttribute("aria-controls", menu.id);
  button.setAttribute("aria-expanded", "false");
  link.replaceWith(button);
  const show = (open) => {
    menu.classList.toggle("is-open", open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && button.getAttribute("aria-expanded") === "true" && !event.defaultPrevented) {
      show(false);
      button.focus();
    }
  });
}

/* Menus on details: Escape closes and gives the focus back; so does a click, or the focus, outside. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-close-outside][open]")) {
    event.preventDefault();
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}, true);
for (const type of ["click", "focusin"]) {
  document.addEventListener(type, (event) => {
    for (const menu of document.querySelectorAll("details[data-close-outside][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
}

/* Colours: at once, without loading the page anew. The server reads the same cookie. */
for (const form of document.querySelectorAll("form[data-colour-scheme]")) {
  form.addEventListener("submit", (event) => {
    const scheme = event.submitter?.value;
    if (!scheme) return;
    event.preventDefault();
    const age = scheme === "auto" ? 0 : 31536000;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `colour_scheme=${scheme}; path=/; max-age=${age}; samesite=lax${secure}`;
    root.dataset.colorScheme = scheme;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === scheme));
    }
    document.dispatchEvent(new CustomEvent("colour-scheme", { detail: scheme }));
  });
}

/* A question before something that cannot be undone. */
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.opensDialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target instanceof HTMLDialogElement && event.target.open) {
    event.target.close(); /* a click on the backdrop */
  }
});

/* A form is sent once, however often the button is pressed. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[data-colour-scheme]")) return;
  if (form.dataset.sent) event.preventDefault();
  else {
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000); /* an answer that is a file leaves the page as it is */
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

/* Files can be dropped on their field. */
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    if (event.target.matches?.('input[type="file"]')) {
      event.target.classList.toggle("is-over", type === "dragenter" || type === "dragover");
    }
  });
}
