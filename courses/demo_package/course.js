/* Turning the pages, and the knowledge test. */
"use strict";

const QUESTIONS = [
  {
    id: "vem-far",
    text: "Var ser du om din roll får förskriva en viss produkt?",
    options: ["I produktens bruksanvisning", "På produktsidan i handboken", "I beställningssystemets orderhistorik"],
    right: 1,
    why: "Produktsidan i handboken säger vem som får förskriva, vilka kriterier som gäller och vad som ska följas upp.",
  },
  {
    id: "vem-utser",
    text: "Vem bedömer kompetensen och utser förskrivare?",
    options: ["Försörjaren", "Förskrivaren själv", "Vårdgivaren, i vardagen genom din chef"],
    right: 2,
    why: "Det är vårdgivarens ansvar enligt HSLF-FS 2021:52.",
  },
  {
    id: "huvudman",
    text: "Vilka är huvudmän för hjälpmedelsverksamheten i Västra Götaland?",
    options: [
      "Västra Götalandsregionen och de 49 kommunerna",
      "Hjälpmedelscentralen och Läkemedelsnära produkter",
      "Ledningsrådet och beredningsgrupperna",
    ],
    right: 0,
    why: "Regionen och kommunerna är huvudmän. Hjälpmedelscentralen och Läkemedelsnära produkter är försörjare.",
  },
  {
    id: "ansokan",
    text: "Du ska beställa personliga hjälpmedel inom både hälso- och sjukvård och socialtjänst i webSesam. Hur gör du?",
    options: ["Jag gör två ansökningar", "Jag gör en ansökan och kryssar för båda", "En ansökan för enheten räcker"],
    right: 0,
    why: "En ansökan gäller en typ av behörighet. För båda områdena behövs två.",
  },
  {
    id: "inaktiv",
    text: "Efter hur lång tid utan inloggning inaktiveras en behörighet?",
    options: ["3 månader", "12 månader", "36 månader"],
    right: 1,
    why: "Efter 12 månader utan inloggning inaktiveras behörigheten, och en ny ansökan behövs.",
  },
  {
    id: "samverkan",
    text: "Vem stödjer beredningsgrupperna i deras arbete?",
    options: ["VästKom", "De ortopedtekniska enheterna", "Samverkansfunktionen"],
    right: 2,
    why: "Samverkansfunktionen ger stöd åt grupperna i samverkansorganisationen.",
  },
];
const RIGHT_ENOUGH = 5;

const pages = [...document.querySelectorAll(".page")];
const steps = document.getElementById("steps");
const back = document.getElementById("back");
const next = document.getElementById("next");
const quiz = document.getElementById("quiz");
const result = document.getElementById("result");
const memory = { seen: [], answers: {}, tries: 0, right: null, ...platform.memory };
let current = 0;
let isDone = ["passed", "completed"].includes(platform.status);

for (const page of pages) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.addEventListener("click", () => open(pages.indexOf(page)));
  item.append(button);
  steps.append(item);
}

function drawSteps() {
  pages.forEach((page, index) => {
    const button = steps.children[index].firstElementChild;
    const isSeen = page.id === "test" ? isDone : memory.seen.includes(page.id);
    button.textContent = page.dataset.title;
    if (isSeen) {
      const mark = document.createElement("span");
      mark.className = "done";
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", "klar");
      mark.textContent = " ✓";
      button.append(mark);
    }
    if (index === current) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  });
  steps.children[current].firstElementChild.scrollIntoView({ block: "nearest", inline: "center" });
}

function open(index, { isStart = false } = {}) {
  if (!isStart && !memory.seen.includes(pages[current].id)) memory.seen.push(pages[current].id);
  current = Math.max(0, Math.min(pages.length - 1, index));
  pages.forEach((page, number) => page.classList.toggle("open", number === current));
  document.getElementById("bar").style.width = `${(100 * (current + 1)) / pages.length}%`;
  document.getElementById("place").textContent = `${current + 1} av ${pages.length}`;
  back.disabled = current === 0;
  next.disabled = current === pages.length - 1;
  next.textContent = pages[current + 1]?.id === "test" ? "Till testet" : "Nästa";
  drawSteps();
  if (!isStart) {
    window.scrollTo(0, 0);
    pages[current].querySelector("h1").focus();
  }
  platform.save(pages[current].id, memory);
}

function drawQuiz() {
  quiz.replaceChildren();
  QUESTIONS.forEach((question, number) => {
    const set = document.createElement("fieldset");
    const legend = document.createElement("legend");
    legend.textContent = `${number + 1}. ${question.text}`;
    set.append(legend);
    question.options.forEach((text, value) => {
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.type = "radio";
      input.name = question.id;
      input.value = String(value);
      input.checked = memory.answers[question.id] === value;
      input.addEventListener("change", () => {
        memory.answers[question.id] = value;
        platform.save("test", memory);
      });
      label.append(input, text);
      set.append(label);
    });
    const verdict = document.createElement("p");
    verdict.id = `svar-${question.id}`;
    verdict.className = "verdict";
    verdict.hidden = true;
    set.append(verdict);
    quiz.append(set);
  });
  const button = document.createElement("button");
  button.type = "submit";
  button.textContent = "Rätta mina svar";
  quiz.append(button);
}

function show(title, text, isGood, actions = []) {
  result.hidden = false;
  result.className = isGood ? "result" : "result not";
  const heading = document.createElement("h2");
  const words = document.createElement("p");
  heading.textContent = title;
  words.textContent = text;
  result.replaceChildren(heading, words, ...actions);
  result.focus();
  window.scrollTo(0, 0);
}

function showVerdicts() {
  for (const question of QUESTIONS) {
    const verdict = document.getElementById(`svar-${question.id}`);
    const isRight = memory.answers[question.id] === question.right;
    verdict.hidden = false;
    verdict.className = `verdict ${isRight ? "right" : "wrong"}`;
    verdict.textContent = isRight ? `Rätt. ${question.why}` : "Inte rätt. Läs avsnittet igen och försök en gång till.";
    for (const input of quiz.elements[question.id]) input.disabled = true;
  }
  quiz.querySelector("button").hidden = true;
}

function tryAgain() {
  memory.answers = {};
  memory.right = null;
  result.hidden = true;
  drawQuiz();
  platform.save("test", memory);
  quiz.querySelector("input").focus();
}

quiz.addEventListener("submit", (event) => {
  event.preventDefault();
  const missing = QUESTIONS.find((question) => memory.answers[question.id] === undefined);
  if (missing) {
    show("Du har inte svarat på alla frågor", "Svara på alla sex, och rätta sedan.", false);
    quiz.elements[missing.id][0].focus();
    return;
  }
  const right = QUESTIONS.filter((question) => memory.answers[question.id] === question.right).length;
  memory.tries += 1;
  memory.right = right;
  QUESTIONS.forEach((question, number) => {
    const prefix = `cmi.interactions.${number}`;
    platform.set(`${prefix}.id`, question.id);
    platform.set(`${prefix}.type`, "choice");
    platform.set(`${prefix}.student_response`, "abc"[memory.answers[question.id]]);
    platform.set(`${prefix}.result`, memory.answers[question.id] === question.right ? "correct" : "wrong");
  });
  platform.set("cmi.core.score.min", 0);
  platform.set("cmi.core.score.max", 100);
  platform.set("cmi.core.score.raw", Math.round((100 * right) / QUESTIONS.length));
  const isPassed = right >= RIGHT_ENOUGH;
  if (isPassed) isDone = true;
  if (isPassed || !isDone) platform.set("cmi.core.lesson_status", isPassed ? "passed" : "failed");
  platform.save("test", memory);
  drawSteps();
  showVerdicts();
  showResult();
});

function showResult() {
  const score = `Du hade ${memory.right} rätt av ${QUESTIONS.length}.`;
  if (memory.right >= RIGHT_ENOUGH) {
    show("Bra gjort, du är klar!", `${score} Ditt resultat är sparat, och du kan stänga kursen.`, true);
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Gör om testet";
  button.addEventListener("click", tryAgain);
  show("Inte riktigt ännu", `${score} Det behövs ${RIGHT_ENOUGH}. Repetera gärna de avsnitt du är osäker på.`, false, [button]);
}

back.addEventListener("click", () => open(current - 1));
next.addEventListener("click", () => open(current + 1));
window.addEventListener("pagehide", () => platform.leave(isDone));

drawQuiz();
if (platform.status === "not attempted") platform.set("cmi.core.lesson_status", "incomplete");
open(Math.max(0, pages.findIndex((page) => page.id === platform.place)), { isStart: true });
if (memory.right !== null) {
  showVerdicts();
  showResult();
}
