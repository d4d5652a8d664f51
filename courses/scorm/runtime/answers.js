/* Which answers SCORM 2004 knows for each type of question: what learners respond, and what would be right. The run-time
   book's formats; what is inside a text is the package's business. */
"use strict";

(() => {
  const NUMBER = /^-?\d+(\.\d+)?$/;
  const names = new Intl.DisplayNames(["en"], { type: "language", fallback: "none" });

  function isLanguage(code) {
    if (!/^([a-z]{2,3}|i|x)(-[a-z0-9]{2,8})*$/i.test(code)) return false;
    const [base] = code.split("-");
    try {
      return base.length === 1 || names.of(base) !== undefined;
    } catch {
      return false;
    }
  }

  /** The value without the marks that may stand before it; null when one of them says what it cannot. */
  function withoutMarks(value, marks) {
    let rest = value;
    for (;;) {
      const mark = /^\{(case_matters|order_matters)=([^{}]*)\}/.exec(rest);
      if (!mark || !marks.includes(mark[1])) return rest;
      if (mark[2] !== "true" && mark[2] !== "false") return null;
      rest = rest.slice(mark[0].length);
    }
  }

  const isText = (text) => {
    const mark = /^\{lang=([^{}]*)\}/.exec(text);
    return !mark || isLanguage(mark[1]);
  };
  const isName = (text) => text.trim() !== "" && !/[{}[\]]/.test(text);
  const isChoice = (text) => text.trim() !== "" && !/[{}]/.test(text);
  const areDifferent = (list) => new Set(list).size === list.length;
  const list = (value) => value.split("[,]");
  const pairs = (value) => list(value).map((one) => one.split("[.]"));

  const FITS = {
    "true-false": (value) => value === "true" || value === "false",
    choice: (value) => value === "" || (list(value).every(isChoice) && areDifferent(list(value))),
    "fill-in": (value) => list(value).every(isText),
    "long-fill-in": isText,
    likert: isName,
    matching: (value) => value === "" || pairs(value).every((pair) => pair.length === 2 && pair.every(isName)),
    performance: (value) =>
      value === "" || pairs(value).every((pair) => pair.length === 2 && pair.some((half) => half.trim() !== "")),
    sequencing: (value) => list(value).every(isName),
    numeric: (value, isPattern) => {
      const limits = isPattern ? value.split("[:]") : [value];
      if (limits.length === 1) return NUMBER.test(value);
      if (limits.length > 2 || !limits.every((limit) => limit === "" || NUMBER.test(limit))) return false;
      return limits.includes("") || Number(limits[0]) <= Number(limits[1]);
    },
    other: () => true,
  };
  const MARKS = {
    "fill-in": ["case_matters", "order_matters"],
    "long-fill-in": ["case_matters"],
    performance: ["order_matters"],
  };

  /** Whether `value` is an answer to a question of this type; `isPattern`: one that is right, rather than given. */
  window.answerFits = function (type, value, isPattern) {
    const rest = isPattern ? withoutMarks(value, MARKS[type] ?? []) : value;
    return rest !== null && (FITS[type] ?? FITS.other)(rest, isPattern);
  };

  /** Any answer that fits: for a place that must hold one. */
  window.someAnswer = function (type, number) {
    const special = { "true-false": "true", matching: `a${number}[.]b`, performance: `a${number}[.]b`, numeric: "1" };
    return special[type] ?? `a${number}`;
  };
})();
