/* Draws the page's charts with Plotly, in the page's colours. Without it the tables stand by themselves.

   An element with data-chart (the id of a JSON script with a Plotly figure), data-plotly and data-locale. */

/* Plotly writes style elements unless these exist; the content policy forbids them, and chart.css has the rules. */
const OWN_STYLES = ["plotly.js-style-global", "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53"];

/* The parts are CommonJS: they put what they offer into `module`. */
async function load(url) {
  globalThis.module = { exports: {} };
  try {
    await import(url);
    return globalThis.module.exports;
  } finally {
    delete globalThis.module;
  }
}

async function loadPlotly({ plotly, locale }) {
  for (const id of OWN_STYLES) {
    const mark = document.createElement("template");
    mark.id = id;
    mark.className = "no-inline-styles";
    document.head.append(mark);
  }
  const Plotly = await load(plotly);
  const isSwedish = document.documentElement.lang === "sv";
  if (isSwedish) Plotly.register(await load(locale));
  Plotly.setPlotConfig({ locale: isSwedish ? "sv" : "en", displayModeBar: false });
  return Plotly;
}

/* A colour of the page's, as the browser works it out now: light or dark. */
function colourReader(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  return { read, done: () => probe.remove() };
}

function inPageColours(figure, element) {
  const { read, done } = colourReader(element.parentElement);
  const text = read("--ds-color-neutral-text-default");
  const line = read("--ds-color-neutral-border-subtle");
  const surface = read("--ds-color-neutral-surface-default");
  const isNarrow = element.clientWidth < 560;
  const data = figure.data.map((trace) => ({
    ...trace,
    marker: {
      ...trace.marker,
      color: read(`--chart-${trace.meta.colour}`),
      line: { color: surface, width: 1 },
      pattern: { ...trace.marker.pattern, fgcolor: surface },
    },
  }));
  const layout = {
    ...figure.layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    width: element.clientWidth,
    height: element.clientHeight,
    font: { family: getComputedStyle(document.body).fontFamily, size: isNarrow ? 13 : 15, color: text },
    hoverlabel: { bgcolor: surface, bordercolor: text, font: { color: text } },
    xaxis: { ...figure.layout.xaxis, gridcolor: line, linecolor: line, tickangle: isNarrow && figure.data[0].x.length > 3 ? -90 : "auto" },
    yaxis: { ...figure.layout.yaxis, gridcolor: line, zerolinecolor: line },
  };
  if (isNarrow) layout.yaxis.title = { text: "" };
  done();
  return { data, layout };
}

async function drawAll() {
  const elements = [...document.querySelectorAll("[data-chart]")];
  if (!elements.length) return;
  const Plotly = await loadPlotly(elements[0].dataset);
  const draw = () => {
    for (const element of elements) {
      element.hidden = false;
      const figure = JSON.parse(document.getElementById(element.dataset.chart).textContent);
      const { data, layout } = inPageColours(figure, element);
      Plotly.react(element, data, layout);
    }
  };
  draw();
  document.addEventListener("colour-scheme", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  /* For another width it is drawn anew: a phone's chart has other letters. */
  let width = elements[0].clientWidth;
  new ResizeObserver(() => {
    if (elements[0].clientWidth === width) return;
    width = elements[0].clientWidth;
    draw();
  }).observe(elements[0].parentElement);
}

drawAll();
