// The tour: three steps over the home page, begun by its button or by `#tour` in the address; Escape and × end it.
const tour = document.getElementById("tour");
const steps = tour ? [...tour.querySelectorAll("li")] : [];
let at = -1;
let opener = null;

const targetOf = (step) => step.dataset.of.split(", ").map((one) => document.querySelector(one)).find(Boolean);
const unmark = () => document.querySelectorAll(".tour-target").forEach((one) => one.classList.remove("tour-target"));

function show(next) {
  unmark();
  at = next;
  steps.forEach((step, index) => { step.hidden = index !== at; });
  tour.hidden = false;
  tour.querySelector(".tour-count").textContent = `${at + 1} of ${steps.length}`;
  tour.querySelector("[data-tour-step='-1']").hidden = at === 0;
  tour.querySelector("[data-tour-step='1']").textContent = at === steps.length - 1 ? "Done" : "Next";
  const target = targetOf(steps[at]);
  target?.classList.add("tour-target");
  target?.scrollIntoView({ block: target.offsetHeight > innerHeight / 2 ? "start" : "center" });
  tour.focus({ preventScroll: true });
}

function end() {
  unmark();
  tour.hidden = true;
  at = -1;
  if (location.hash === "#tour") history.replaceState(history.state, "", location.pathname + location.search);
  opener?.focus({ preventScroll: true });
}

if (tour) {
  for (const button of document.querySelectorAll("[data-tour]")) {
    button.hidden = false;
    button.addEventListener("click", () => { opener = button; show(0); });
  }
  tour.addEventListener("click", (event) => {
    const step = event.target.closest("[data-tour-step]");
    if (event.target.closest("[data-tour-end]")) end();
    else if (step) {
      const next = at + Number(step.dataset.tourStep);
      if (next < steps.length) show(next);
      else end();
    }
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && at >= 0) end(); });
  // Rows that were replaced while the tour stands have lost their mark.
  document.addEventListener("carousel:shelves", () => { if (at >= 0) targetOf(steps[at])?.classList.add("tour-target"); });
  addEventListener("hashchange", () => { if (location.hash === "#tour") show(0); });
  if (location.hash === "#tour") show(0);
}
