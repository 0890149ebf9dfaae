// The wheel as it turns: what visitors do runs through a ticker and round the ring, a published model lights it up.
(() => {
  "use strict";
  const panel = document.getElementById("wheel");
  if (!panel) return;

  const EVERY_MS = 1000;
  const MOST_DOTS = 6;
  const RING = "M 260 65 A 150 150 0 1 1 259.9 65";
  const SVG = "http://www.w3.org/2000/svg";
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const ticker = panel.querySelector(".ticker");
  let newest = 0;
  let version = null;

  function dot(origin) {
    const ring = document.querySelector("#ring svg");
    if (!ring || still.matches) return;
    const circle = document.createElementNS(SVG, "circle");
    circle.setAttribute("r", "6");
    circle.setAttribute("class", `runner runner--${origin}`);
    const motion = document.createElementNS(SVG, "animateMotion");
    motion.setAttribute("dur", "3s");
    motion.setAttribute("path", RING);
    motion.setAttribute("begin", "indefinite");
    circle.append(motion);
    ring.append(circle);
    motion.beginElement();
    setTimeout(() => circle.remove(), 3000);
  }

  function show(state) {
    const fresh = state.acts.filter((act) => act.seq > newest);
    if (fresh.length) {
      ticker.replaceChildren(...state.acts.map((act) => {
        const line = document.createElement("li");
        line.textContent = act.words;
        if (newest && act.seq > newest) line.className = "ticker-new";
        return line;
      }));
      if (newest) fresh.slice(0, MOST_DOTS).forEach((act, index) => setTimeout(() => dot(act.origin), index * 140));
      newest = state.acts[0].seq;
    }
    if (version !== null && state.version !== version) {
      const ring = document.getElementById("ring");
      ring?.classList.remove("ring--flash");
      requestAnimationFrame(() => document.getElementById("ring")?.classList.add("ring--flash"));
      const line = document.createElement("li");
      line.className = "ticker-model";
      line.textContent = `Model ${state.version} is published and in use`;
      ticker.prepend(line);
    }
    version = state.version;
    panel.querySelector(".wheel-crowd").hidden = !state.crowd;
    if (state.fans && panel.querySelector(".wheel-fans")) {
      panel.querySelector(".wheel-fans-count").textContent = `sees ${state.fans.shown} of ${state.fans.of} in ${state.fans.style} next`;
      panel.querySelector(".wheel-meter").value = state.fans.shown;
    }
  }

  async function look() {
    if (!document.hidden && sessionStorage.getItem("flywheel-paused") !== "1") {
      try {
        const answer = await fetch(panel.dataset.pulse, { headers: { Accept: "application/json" } });
        if (answer.ok) show(await answer.json());
      } catch {
        // The next second may find the site again.
      }
    }
    setTimeout(look, EVERY_MS);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-crowd]");
    const form = document.getElementById("act");
    if (!button || !form) return;
    event.preventDefault();
    button.disabled = true;
    const body = new FormData(form);
    body.set("do", button.value);
    body.delete("press");
    try {
      const answer = await fetch(button.formAction, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      panel.querySelector(".wheel-crowd").hidden = !(await answer.json()).crowd;
    } catch {
      form.requestSubmit(button);
    }
    button.disabled = false;
  });
  look();
})();
