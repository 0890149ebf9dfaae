// The sheet of a card: like, hide and open within reach of a thumb, where no pointer can rest on the card.
// Its buttons press those of the card, which work without this file.
const DOTS = '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="5.5" cy="12" r="1.9"/><circle cx="12" cy="12" r="1.9"/><circle cx="18.5" cy="12" r="1.9"/></svg>';
const wanted = matchMedia("(hover: none), (max-width: 40rem)");

const textOf = (card, selector) => card.querySelector(selector)?.textContent.trim() ?? "";

function entry(tag, words) {
  const element = document.createElement(tag);
  const said = document.createElement("span");
  said.textContent = words;
  element.append(said);
  return element;
}

function open(card, opener) {
  const sheet = document.createElement("dialog");
  sheet.className = "sheet";
  sheet.setAttribute("aria-labelledby", "sheet-title");
  const head = document.createElement("div");
  head.className = "sheet-item";
  const art = card.querySelector(".art").cloneNode();
  art.removeAttribute("loading");
  const words = document.createElement("div");
  const title = document.createElement("h2");
  title.id = "sheet-title";
  title.textContent = textOf(card, ".card-title");
  const why = document.createElement("p");
  why.textContent = textOf(card, ".reason") || textOf(card, ".meta");
  words.append(title, why);
  head.append(art, words);
  sheet.append(head);
  for (const press of card.querySelectorAll(".card-acts button")) {
    const pressed = press.getAttribute("aria-pressed");
    const button = entry("button", pressed === "true" ? "Liked" : press.title);
    button.type = "button";
    button.dataset.icon = press.dataset.act;
    if (pressed) button.setAttribute("aria-pressed", pressed);
    button.addEventListener("click", () => { sheet.close(); press.click(); });
    sheet.append(button);
  }
  const link = entry("a", "Open, and see why it is here");
  link.href = card.querySelector("a").href;
  const close = entry("button", "Close");
  close.type = "button";
  close.addEventListener("click", () => sheet.close());
  sheet.append(link, close);
  // A press beside the sheet is on its backdrop, which belongs to the element itself.
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  sheet.addEventListener("close", () => { sheet.remove(); opener.focus({ preventScroll: true }); });
  document.body.append(sheet);
  sheet.showModal();
}

function dress() {
  document.documentElement.classList.toggle("with-sheets", wanted.matches);
  if (!wanted.matches) return;
  for (const card of document.querySelectorAll(".card:has(> .card-acts):not(:has(> .card-more))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "card-more";
    button.innerHTML = DOTS;
    button.setAttribute("aria-haspopup", "dialog");
    button.setAttribute("aria-label", `More: ${textOf(card, ".card-title")}`);
    // In a row the keyboard reaches it through the card that has the focus.
    if (card.closest(".row")) button.tabIndex = -1;
    button.addEventListener("click", () => open(card, button));
    card.append(button);
  }
}

dress();
wanted.addEventListener("change", dress);
document.addEventListener("carousel:shelves", dress);
