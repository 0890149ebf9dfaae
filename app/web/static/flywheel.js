// Keeps the dashboard fresh without a reload: fetches the same page again and swaps the parts that changed.
(() => {
  "use strict";
  const frame = document.querySelector("[data-refresh-s]");
  if (!frame) return;

  const PAUSED = "flywheel-paused";
  const every = Math.max(2, Number(frame.dataset.refreshS)) * 1000;
  const button = document.getElementById("pause");
  let paused = sessionStorage.getItem(PAUSED) === "1";
  let timer = 0;

  // What the server said of each part, kept before the charts are drawn into it.
  const said = new Map([...document.querySelectorAll("[data-live]")].map((part) => [part.id, part.innerHTML]));

  const openDetails = (part) =>
    new Map([...part.querySelectorAll("details[id]")].map((details) => [details.id, details.open]));

  function swap(fresh) {
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (!next || next.innerHTML === said.get(part.id)) continue;
      // What somebody is reading with the keyboard or has selected is not taken from under them.
      if (part.contains(document.activeElement)) continue;
      const selection = getSelection();
      if (selection && !selection.isCollapsed && part.contains(selection.anchorNode)) continue;
      said.set(part.id, next.innerHTML);
      const opened = openDetails(part);
      // Where a chart was drawn before, its table stays as the reader left it; a first chart closes it.
      for (const figure of next.querySelectorAll("figure[data-spec]")) {
        const table = figure.querySelector("details[id]");
        if (part.querySelector(`#${table.id}`)?.closest("figure").dataset.drawn) figure.dataset.drawn = "1";
        else opened.delete(table.id);
      }
      for (const details of next.querySelectorAll("details[id]"))
        if (opened.has(details.id)) details.open = opened.get(details.id);
      const scrolled = [...part.querySelectorAll(".table")].map((table) => table.scrollLeft);
      part.replaceWith(next);
      [...next.querySelectorAll(".table")].forEach((table, index) => { table.scrollLeft = scrolled[index] || 0; });
      document.dispatchEvent(new CustomEvent("flywheel:part", { detail: next }));
    }
  }

  async function refresh() {
    clearTimeout(timer);
    if (paused || document.hidden) return;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-cache" });
      if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      frame.classList.toggle("stale", !answer.ok);
    } catch {
      frame.classList.add("stale");
    }
    timer = setTimeout(refresh, every);
  }

  function show() {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(paused));
    button.textContent = paused ? "Go on updating" : "Pause updates";
  }

  button.addEventListener("click", () => {
    paused = !paused;
    sessionStorage.setItem(PAUSED, paused ? "1" : "0");
    show();
    refresh();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); else clearTimeout(timer); });
  show();
  if (!paused) timer = setTimeout(refresh, every);
})();
