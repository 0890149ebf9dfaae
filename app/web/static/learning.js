// The learning bar: closed and opened, its undo without a reload, and the news that a model has learned the act.
const { slide } = await import(document.querySelector("script[data-slide]").dataset.slide);

const CLOSED = "learning-closed=1"; // a cookie, so that a page comes without the bar, and nothing moves once it is there
const KEPT = "; path=/; samesite=lax; max-age=";
const YEAR_S = 365 * 24 * 3600;
const POLL_MS = 1000;
const MOST_POLLS = 90;
const form = document.getElementById("act");
let polls = 0;
let timer = 0;

const bar = () => document.getElementById("learning");

function show() {
  const opener = document.querySelector(".learning-open");
  if (!bar() || !opener) return;
  const closed = document.cookie.split("; ").includes(CLOSED);
  bar().hidden = closed;
  opener.hidden = !closed;
  bar().querySelector(".learning-close").hidden = false;
}

// The page as it is now. Showing an item's page again is no new click.
async function fresh() {
  const address = new URL(location.href);
  address.searchParams.delete("hidden");
  if (address.pathname.includes("/item/")) address.searchParams.set("seen", "1");
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function put(next, parts) {
  for (const id of parts) {
    const old = document.getElementById(id);
    const found = next.getElementById(id);
    if (old && found) old.replaceWith(found);
    else if (found && id === "learning") {
      const opener = next.querySelector(".learning-open");
      document.querySelector("main").before(found, opener);
    } else if (old && id === "learning") {
      document.querySelector(".learning-open")?.remove();
      old.remove();
    }
  }
  show();
}

// Shows what the newest act did. On the home page the rows follow; elsewhere only the bar.
export async function follow(parts = ["learning", "taste", "shelves"]) {
  const next = await fresh();
  document.dispatchEvent(new CustomEvent("carousel:fresh", { detail: next }));
  await slide(() => put(next, parts));
  document.dispatchEvent(new CustomEvent("carousel:shelves"));
  watch();
}

async function poll() {
  const shown = bar();
  if (!shown || document.hidden || polls >= MOST_POLLS) return;
  polls += 1;
  try {
    const answer = await fetch("/learning.json", { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const state = await answer.json();
    shown.querySelector(".learning-model").textContent = state.model;
    if (state.learned) {
      shown.dataset.learned = "yes";
      shown.classList.add("learning--flash");
      return;
    }
  } catch {
    // The next look may find the site again.
  }
  watch();
}

function watch() {
  clearTimeout(timer);
  if (bar()?.dataset.trains === "now" && bar().dataset.learned === "no") timer = setTimeout(poll, POLL_MS);
}

document.addEventListener("click", async (event) => {
  if (event.target.closest(".learning-close")) {
    document.cookie = CLOSED + KEPT + YEAR_S;
    show();
    document.querySelector(".learning-open").focus();
  } else if (event.target.closest(".learning-open")) {
    document.cookie = CLOSED + KEPT + 0;
    show();
    bar().querySelector("button:not([hidden]), a").focus();
  }
  const undo = event.target.closest(".learning-undo");
  if (!undo) return;
  event.preventDefault();
  undo.disabled = true;
  try {
    const body = new FormData(form);
    body.set("undo", "1");
    const answer = await fetch(undo.formAction, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    form.elements.press.value = state.press;
    await follow();
  } catch {
    undo.disabled = false;
    form.requestSubmit(undo);
  }
});

// A wish changes the page it was made on; the button that takes its place gets the focus.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-wish]");
  if (!button) return;
  event.preventDefault();
  const words = button.querySelector(".unseen").textContent;
  document.querySelectorAll("[data-wish]").forEach((other) => { other.disabled = true; });
  try {
    const body = new FormData(form);
    body.set("wish", button.value);
    const answer = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    form.elements.press.value = (await answer.json()).press;
    await follow();
    const again = [...document.querySelectorAll("[data-wish]:enabled")];
    (again.find((other) => other.querySelector(".unseen").textContent === words) || again[0])?.focus({ preventScroll: true });
  } catch {
    button.disabled = false;
    form.requestSubmit(button);
  }
});

document.addEventListener("carousel:acted", (event) => {
  polls = 0;
  // Of a card that was just hidden the place is filled, and the other cards stay where they are.
  follow(event.detail.kind === "dislike" ? ["learning"] : undefined).catch(() => location.reload());
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) watch(); });
show();
watch();
