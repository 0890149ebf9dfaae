// Niceties over a page that works without them: arrows on rows, and opinions without a reload.
(() => {
  "use strict";

  const ARROWS = {
    back: { path: "m14.5 5-7 7 7 7", label: "Scroll back" },
    on: { path: "m9.5 5 7 7-7 7", label: "Scroll on" },
  };

  function arrow(name, row) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `row-step row-step--${name}`;
    // The row itself can be reached and scrolled by keyboard; the arrows are for mice.
    button.tabIndex = -1;
    button.setAttribute("aria-hidden", "true");
    button.innerHTML = `<svg class="icon" viewBox="0 0 24 24"><path d="${ARROWS[name].path}"/></svg>`;
    button.addEventListener("click", () => {
      row.scrollBy({ left: (name === "on" ? 1 : -1) * row.clientWidth * 0.85, behavior: "smooth" });
    });
    return button;
  }

  function dress(wrap) {
    const row = wrap.querySelector(".row");
    const back = arrow("back", row);
    const on = arrow("on", row);
    const update = () => {
      back.hidden = row.scrollLeft < 8;
      on.hidden = row.scrollLeft + row.clientWidth > row.scrollWidth - 8;
    };
    wrap.append(back, on);
    row.addEventListener("scroll", update, { passive: true });
    addEventListener("resize", update);
    // Artwork comes lazily; its size is known from its attributes, so one look is enough.
    update();
  }

  // When a pointer comes: to ask how wide a row is makes a browser lay out rows that nobody has scrolled to.
  document.addEventListener("pointerover", ({ target }) => {
    const wrap = target.closest?.(".row-wrap");
    if (wrap && !wrap.querySelector(":scope > .row-step")) dress(wrap);
  });

  // On a phone the chosen type or style may lie beyond the edge of its list.
  for (const chosen of document.querySelectorAll(".tabs [aria-current], .chips--scroll [aria-current]")) {
    const list = chosen.closest("nav");
    const inList = chosen.getBoundingClientRect().left - list.getBoundingClientRect().left;
    list.scrollLeft += inList - (list.clientWidth - chosen.offsetWidth) / 2;
  }

  // Coming back to a page that learns: show what it has learned, not the copy that the browser kept.
  addEventListener("pageshow", (event) => {
    if (event.persisted && document.querySelector("[data-shelf='for-you']")) location.reload();
  });

  const form = document.getElementById("act");

  async function post(button, undo) {
    const body = new FormData(form);
    body.set("undo", undo);
    const answer = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const state = await answer.json();
    // The page's token was for that press: what is pressed next is another one.
    form.elements.press.value = state.press;
    document.dispatchEvent(new CustomEvent("carousel:acted", { detail: state }));
    return state;
  }

  function press(button, on) {
    button.setAttribute("aria-pressed", String(on));
    button.value = on ? "1" : "0";
    const words = button.querySelector("span:not(.unseen)");
    if (words && button.dataset.on) words.textContent = on ? button.dataset.on : button.dataset.off;
  }

  // What was hidden leaves at once. A line over its row takes that back; its place is taken by what comes next there.
  function hideCard(card, button) {
    const shelf = card.closest("[data-shelf]");
    const note = document.createElement(shelf.matches("ul") ? "li" : "div");
    note.className = "bar bar--undo hidden-note";
    const words = document.createElement("p");
    words.setAttribute("role", "status");
    words.textContent = `“${card.querySelector(".card-title").textContent}” is hidden.`;
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "button button--small";
    undo.textContent = "Undo";
    undo.addEventListener("click", async () => {
      try {
        await post(button, "1");
        note.remove();
        filled.get(card)?.remove();
        filled.delete(card);
        card.hidden = false;
        card.querySelector("a").focus();
      } catch {
        form.requestSubmit(button);
      }
    });
    note.append(words, undo);
    shelf.querySelector(".hidden-note")?.remove();
    (shelf.querySelector(".shelf-head") || shelf).prepend(note);
    card.hidden = true;
    emptied = card;
    undo.focus({ preventScroll: true });
  }

  let emptied = null;
  const filled = new Map();

  // The page as it is after the hiding: its first card of that shelf which is not on screen yet takes the place.
  document.addEventListener("carousel:fresh", ({ detail: next }) => {
    const card = emptied;
    emptied = null;
    if (!card?.hidden) return;
    const shelf = card.closest("[data-shelf]");
    const shown = (within) => new Set([...within.querySelectorAll("[data-item]")].map((other) => other.dataset.item));
    const here = shown(shelf);
    const page = shown(document);
    const free = [...next.querySelectorAll(`[data-shelf="${CSS.escape(shelf.dataset.shelf)}"] .card[data-item]`)]
      .filter((other) => !here.has(other.dataset.item));
    // Rather one that is nowhere on the page; a row may have only what another row below shows.
    const come = free.find((other) => !page.has(other.dataset.item)) || free[0];
    if (!come) return;
    if (page.has(come.dataset.item)) come.removeAttribute("id");
    come.classList.add("card--came");
    filled.set(card, come);
    card.after(come);
    come.scrollIntoView({ block: "nearest", inline: "nearest" });
    document.dispatchEvent(new CustomEvent("carousel:shelves"));
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-act]");
    if (!button || !form) return;
    const act = button.dataset.act;
    const card = button.closest(".card");
    // Hiding from the item's own page changes the page itself: let the form do it.
    if (act === "restore" || (act === "dislike" && !card)) return;
    event.preventDefault();
    button.disabled = true;
    try {
      const state = await post(button, button.value);
      if (act === "dislike") hideCard(card, button);
      else press(button, state.on);
    } catch {
      button.disabled = false;
      form.requestSubmit(button);
      return;
    }
    button.disabled = false;
    if (act !== "dislike") button.focus({ preventScroll: true });
  });
})();
