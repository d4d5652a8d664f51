/* Shows a filter only with the choice that it belongs to: data-only-with="period=own". */

for (const control of document.querySelectorAll("[data-only-with]")) {
  const [name, value] = control.dataset.onlyWith.split("=");
  const choice = control.form.elements[name];
  const field = control.closest(".field");
  const show = () => {
    field.hidden = choice.value !== value && !control.value;
  };
  choice.addEventListener("change", () => {
    if (choice.value !== value) control.value = "";
    show();
  });
  show();
}
