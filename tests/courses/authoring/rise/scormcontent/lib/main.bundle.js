const lms = window.parent;
const kept = lms.GetDataChunk();
let { lesson } = kept ? JSON.parse(kept) : { lesson: 1 };
const show = () => (document.querySelector("#place").textContent = `${lesson}/3`);
document.querySelector("#next").addEventListener("click", () => {
  lesson = Math.min(3, lesson + 1);
  show();
  lms.SetBookmark(`#/lessons/${lesson}`);
  lms.SetDataChunk(JSON.stringify({ v: 2, lesson, d: Array.from({ length: 400 }, (_, n) => n % 256), cpv: "AbC_dEf-" }));
});
document.querySelector("#finish").addEventListener("click", () => lms.SetReachedEnd());
show();
