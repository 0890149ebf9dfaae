// Rows: further ones come as one scrolls, and each keeps its place when one comes back. Tiles count their picks.
const KEY = `rows ${location.pathname}${location.search}`;

function places() {
  const found = {};
  for (const shelf of document.querySelectorAll("[data-shelf]")) {
    const row = shelf.querySelector(".row");
    if (row && row.scrollLeft > 0) found[shelf.dataset.shelf] = row.scrollLeft;
  }
  return found;
}

function restore() {
  let kept = {};
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY) || "{}");
  } catch {
    kept = {};
  }
  for (const [key, left] of Object.entries(kept)) {
    // The row that learns begins with what is new in it.
    if (key === "for-you") continue;
    const row = document.querySelector(`[data-shelf="${CSS.escape(key)}"] .row`);
    if (row) row.scrollLeft = left;
  }
}

let loading = false;
async function more() {
  const link = document.querySelector("#more a[rel='next']");
  if (!link || loading) return;
  loading = true;
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("shelves").append(...next.querySelectorAll("#shelves > .shelf"));
    document.getElementById("more").replaceWith(next.getElementById("more"));
    document.dispatchEvent(new CustomEvent("carousel:shelves"));
    watch();
  } catch {
    // The link is still there for who wants to try again.
  } finally {
    loading = false;
  }
}

// Only the first frame leaves rows out: those that come later, or anew after an act, are there at once.
const loaded = () => { document.documentElement.dataset.loaded = "1"; };
if (document.readyState === "complete") loaded();
else addEventListener("load", loaded);

const near = "IntersectionObserver" in window
  ? new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) more(); }, { rootMargin: "600px" })
  : null;

function watch() {
  const end = document.getElementById("more");
  if (near && end) {
    near.disconnect();
    near.observe(end);
  }
}

const picks = document.getElementById("picks");

function countPicks() {
  const picked = picks.querySelectorAll(".pick[aria-pressed='true']").length;
  const wanted = Number(picks.dataset.wanted);
  picks.querySelector(".picks-count strong").textContent = `${Math.min(picked, wanted)} of ${wanted}`;
  picks.querySelector(".picks-count span").textContent =
    picked >= wanted ? "That is enough to go on: your page follows." : "Look how the rows have moved already.";
  if (picked >= wanted) {
    picks.querySelector(".picks-tiles").hidden = true;
    picks.querySelector(".button").hidden = true;
    document.querySelector("[data-shelf='for-you'] h2")?.scrollIntoView({ block: "center", behavior: "smooth" });
  }
}

if (picks) document.addEventListener("carousel:acted", () => setTimeout(countPicks));

addEventListener("pagehide", () => {
  // Without a place there is nothing to keep: the store has room for little.
  sessionStorage.setItem(KEY, JSON.stringify(places()));
});
const [arrival] = performance.getEntriesByType("navigation");
if (arrival && arrival.type !== "navigate") restore();
// Scrolling begins when there is something to scroll: a page that was just opened asks for no more than itself.
addEventListener("scroll", watch, { once: true, passive: true });

// Keyboard: a row is one stop, arrow keys go through it, and only the card that has the focus offers its buttons.
function stops(row) {
  const links = [...row.querySelectorAll(".card > a")];
  links.forEach((link, index) => { link.tabIndex = index ? -1 : 0; });
  row.querySelectorAll(".card-acts button").forEach((button) => { button.tabIndex = -1; });
}

const rows = () => document.querySelectorAll(".row:not([data-stops])").forEach((row) => { row.dataset.stops = "1"; stops(row); });
document.addEventListener("focusin", (event) => {
  const card = event.target.closest?.(".row .card");
  if (!card) return;
  const row = card.closest(".row");
  row.querySelectorAll(".card > a").forEach((link) => { link.tabIndex = link.parentElement === card ? 0 : -1; });
  row.querySelectorAll(".card-acts button, .card-more").forEach((button) => { button.tabIndex = card.contains(button) ? 0 : -1; });
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const card = event.target.closest?.(".row .card");
  if (!step || !card || event.altKey || event.ctrlKey || event.metaKey) return;
  const cards = [...card.parentElement.children];
  const next = cards[cards.indexOf(card) + step]?.querySelector("a");
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.getElementById("q");
  if (!search) return;
  event.preventDefault();
  search.focus();
});
rows();
document.addEventListener("carousel:shelves", rows);
