/* The list of the team works without this: a box that ticks everybody on the page. */

const ready = (root) => {
  for (const cell of root.querySelectorAll("[data-tick-all]:empty")) {
    const form = cell.closest("form");
    const boxes = () => form.querySelectorAll('input[name="valda"]');
    const all = document.createElement("input");
    all.type = "checkbox";
    all.className = "ds-input";
    all.setAttribute("aria-label", cell.dataset.labelAll);
    const show = () => {
      const ticked = [...boxes()].filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && !all.checked;
    };
    all.addEventListener("change", () => {
      for (const box of boxes()) box.checked = all.checked;
    });
    form.addEventListener("change", (event) => {
      if (event.target.name === "valda") show();
    });
    cell.append(all);
    show();
  }
};

ready(document);
document.addEventListener("htmx:afterSwap", (event) => ready(event.detail.elt.parentElement ?? document));
