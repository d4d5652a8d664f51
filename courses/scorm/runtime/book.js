/* Where scorm-again departs from SCORM 2004's run-time book: what the book allows is kept, what it refuses is refused with
   its own error, and nothing that was refused leaves a trace. Packages that others made live by these things: they empty
   a bookmark, and write an answer anew over that of the last time. */
"use strict";

/** Puts a part's data in place, by name, each after what it belongs to: the tenth of a list comes after the second.
    Returns the names of those that scorm-again would not take: one odd value must not keep the part from starting. */
window.loadInOrder = function (runtime, data) {
  const { compare } = new Intl.Collator("en", { numeric: true });
  const rank = (name) => name.replace(/\.id$/, ".\u0001").replace(/\.type$/, ".\u0002");
  const names = Object.keys(data).sort((one, other) => compare(rank(one), rank(other)));
  return names.filter((name) => {
    try {
      runtime.loadFromFlattenedJSON({ [name]: data[name] });
      return false;
    } catch {
      return true;
    }
  });
};

window.byTheBook = function (runtime, data) {
  const CAN_BE_EMPTY =
    /^cmi\.(location|learner_preference\.language|comments_from_learner\.\d+\.(comment|location))$/;
  const ANSWER = /^cmi\.interactions\.\d+\.(?:learner_response|correct_responses\.(\d+)\.pattern)$/;
  /* To the hundredth of a second; the milliseconds that browsers write are taken, too. */
  const LATE_OR_TOO_EXACT = /^(20(39|[4-9]\d)|2[1-9]|[3-9]\d{3})|\.\d{3,}$/;
  const ONLY_ONE_IS_RIGHT = ["true-false", "likert", "numeric"];
  const DURATION = /^P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/;
  const URN = /^urn:[a-z0-9][a-z0-9-]{1,31}:\S+$/i;
  const aside = new Map(); /* what the part has written and scorm-again would not hold; it holds something in its place */
  let error = "";
  let isRunning = false;

  const inPlaceOfNothing = (name) => (name.endsWith("language") ? "sv" : " ");

  const filled = {};
  for (const [name, value] of Object.entries(data)) {
    filled[name] = value;
    if (value === "" && (CAN_BE_EMPTY.test(name) || ANSWER.test(name))) {
      aside.set(name, value);
      const type = data[`${name.split(".").slice(0, 3).join(".")}.type`];
      filled[name] = ANSWER.test(name) ? window.someAnswer(type, ANSWER.exec(name)[1] ?? 0) : inPlaceOfNothing(name);
    }
  }
  for (const name of window.loadInOrder(runtime, filled)) aside.set(name, data[name]);

  /** The lists on the way to an element, each with the index that is asked for. */
  function listsTo(name) {
    const found = [];
    const [root, ...way] = name.split(".").slice(0, -1); /* the element itself may not even be looked at */
    let at = root === "cmi" || root === "adl" ? runtime[root] : undefined;
    for (const step of way) {
      if (!at) break;
      if (/^\d+$/.test(step) && at.childArray) {
        found.push({ list: at.childArray, index: Number(step), length: at.childArray.length });
        at = at.childArray[Number(step)];
      } else {
        at = at[step];
      }
    }
    return found;
  }

  function getValue(name) {
    error = "";
    if (isRunning && aside.has(name)) {
      error = "0";
      return aside.get(name);
    }
    const value = runtime.GetValue(name);
    if (value === "" && /^adl\.data\.\d+\.store$/.test(name) && runtime.GetLastError() === "0") error = "403";
    const isBeyond = value === "" && listsTo(name).some(({ list, index }) => index >= list.length);
    if (isBeyond && runtime.GetLastError() !== "0") error = "301";
    return value;
  }

  /** The book's own reason to refuse, where scorm-again has none or another. */
  function refusalOf(name, value, lists) {
    if (/\.0\d+(\.|$)/.test(name)) return "351";
    if (/^adl\.data\.\d+\./.test(name) && lists[0] && lists[0].index >= lists[0].length) return "351";
    const interaction = /^cmi\.interactions\.\d+\.(.+)$/.exec(name);
    if (interaction && lists[0]) {
      if (lists[0].index > lists[0].length) return "351";
      if (!["id", "_count", "_children"].includes(interaction[1]) && !lists[0].list[lists[0].index]?.id) return "408";
    }
    const answer = ANSWER.exec(name);
    const type = answer && lists[0]?.list[lists[0].index]?.type;
    if (type && !window.answerFits(type, value, Boolean(answer[1]))) {
      const isBeyond = lists[1] && (lists[1].index > lists[1].length || (lists[1].index && ONLY_ONE_IS_RIGHT.includes(type)));
      return isBeyond ? "351" : "406";
    }
    if (/\.timestamp$/.test(name) && LATE_OR_TOO_EXACT.test(value)) return "406";
    if (/\.id$/.test(name) && /^urn:/i.test(value) && !URN.test(value)) return "406";
    if (/^cmi\.(session_time|interactions\.\d+\.latency)$/.test(name) && !DURATION.test(value)) return "406";
    return "";
  }

  function isPutAside(name, value, inItsPlace) {
    if (String(runtime.SetValue(name, inItsPlace)) !== "true") return false;
    aside.set(name, value);
    return true;
  }

  /** Whether a value that scorm-again has refused is kept all the same. */
  function isKept(name, value, code, lists) {
    if (value === "" && code === "406" && CAN_BE_EMPTY.test(name)) {
      return isPutAside(name, value, inPlaceOfNothing(name));
    }
    const interaction = lists[0]?.list[lists[0].index];
    if (code === "406" && ANSWER.test(name) && interaction?.type) {
      return isPutAside(name, value, window.someAnswer(interaction.type, lists[1]?.index ?? 0));
    }
    if (code === "351" && /^cmi\.interactions\.\d+\.id$/.test(name) && interaction) {
      interaction._idIsSet = false;
      try {
        interaction.id = value;
      } catch {
        interaction._idIsSet = true;
      }
      return interaction.id === value;
    }
    if (name === "cmi.learner_preference.delivery_speed" && code === "407" && Number(value) === 0) {
      runtime.cmi.learner_preference._delivery_speed = value;
      return true;
    }
    return false;
  }

  function setValue(name, value) {
    const lists = listsTo(name);
    error = isRunning ? refusalOf(name, value, lists) : "";
    if (error) return "false";
    const result = String(runtime.SetValue(name, value));
    if (result === "true") {
      aside.delete(name);
      return result;
    }
    const code = String(runtime.GetLastError());
    if (isRunning && isKept(name, value, code, lists)) {
      error = "0";
      return "true";
    }
    for (const { list, length } of lists) list.length = length;
    error = code;
    return "false";
  }

  const plain = (name) => (argument) => {
    error = "";
    return runtime[name](argument);
  };
  return {
    Initialize(argument) {
      const result = plain("Initialize")(argument);
      isRunning = isRunning || String(result) === "true";
      return result;
    },
    Terminate(argument) {
      const result = plain("Terminate")(argument);
      if (String(result) === "true") isRunning = false;
      return result;
    },
    Commit: plain("Commit"),
    GetValue: getValue,
    SetValue: setValue,
    GetLastError: () => error || runtime.GetLastError(),
    GetErrorString: (code) => runtime.GetErrorString(code),
    GetDiagnostic: (code) => runtime.GetDiagnostic(code),
  };
};
