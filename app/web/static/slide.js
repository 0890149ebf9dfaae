// Lets the cards of "For you" slide from their old places to the new ones, where motion is welcome.
const MOST = 12;
const KEY = "for-you-order";
const welcome = () => "startViewTransition" in document && matchMedia("(prefers-reduced-motion: no-preference)").matches;
const row = () => document.querySelector("[data-shelf='for-you'] .row");
const cardsOf = (list) => (list ? [...list.children].filter((card) => card.dataset.item) : []);
const orderOf = (list) => cardsOf(list).map((card) => card.dataset.item);

function name(on) {
  cardsOf(row()).slice(0, MOST).forEach((card) => {
    card.style.viewTransitionName = on ? `card-${CSS.escape(card.dataset.item)}` : "";
  });
}

// Changes the page by `update`, a function without arguments; what moves is seen to move.
export async function slide(update) {
  if (!welcome()) {
    update();
    return;
  }
  name(true);
  const motion = document.startViewTransition(() => {
    name(false);
    update();
    name(true);
  });
  try {
    await motion.finished;
  } catch {
    // Another change came first; the page is right all the same.
  }
  name(false);
}

// Coming back to the page: the cards begin where they stood when it was left.
function comeBack() {
  const list = row();
  let before = [];
  try {
    before = JSON.parse(sessionStorage.getItem(KEY) || "[]");
  } catch {
    before = [];
  }
  const now = orderOf(list);
  if (!list || !before.length || !welcome() || String(before) === String(now)) return;
  const cards = cardsOf(list);
  const place = (card) => (before.includes(card.dataset.item) ? before.indexOf(card.dataset.item) : before.length);
  list.append(...[...cards].sort((a, b) => place(a) - place(b)));
  requestAnimationFrame(() => slide(() => list.append(...cards)));
}

addEventListener("pagehide", () => {
  const order = orderOf(row());
  if (order.length) sessionStorage.setItem(KEY, JSON.stringify(order));
});

// The picture that is opened is the one that grows; only one element of a page may carry the name.
document.addEventListener("click", (event) => {
  const art = event.target.closest(".card > a")?.querySelector(".art");
  if (!art || !welcome() || document.querySelector(".stage .art")) return;
  art.style.viewTransitionName = "opened";
});

comeBack();
