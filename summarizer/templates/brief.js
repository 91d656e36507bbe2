
// Optional comforts: the page can be read in full without them.
(() => {
  "use strict";
  // 1. The full texts are open in the source, for readers without scripts; fold them, open the one asked for.
  for (const report of document.querySelectorAll("details.report")) report.open = false;
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    target.scrollIntoView({ block: target.matches("mark, .shared") ? "center" : "start" });
    if (target.matches("mark")) target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) reveal();
  });
  if (location.hash) reveal();

  // 2. Pointing at a sentence lights its citations wherever they are, and the other way round.
  const byNumber = new Map();
  for (const element of document.querySelectorAll("[data-c]")) {
    const number = element.dataset.c;
    if (!byNumber.has(number)) byNumber.set(number, []);
    byNumber.get(number).push(element);
  }
  let lit = [];
  const light = (event) => {
    for (const element of lit) element.classList.remove("lit");
    lit = [];
    const cited = event.target.closest("[data-c]");
    const holder = event.target.closest(".pair, .value, .event");
    const numbers = cited ? [cited.dataset.c] : holder ? [...holder.querySelectorAll("[data-c]")].map((e) => e.dataset.c) : [];
    for (const number of numbers)
      for (const element of byNumber.get(number)) {
        lit.push(element);
        const row = cited && element.closest(".pair, .value, .event");
        if (row) lit.push(row);
      }
    if (holder) lit.push(holder);
    for (const element of lit) element.classList.add("lit");
  };
  document.addEventListener("pointerover", light);
  document.addEventListener("focusin", light);
})();
