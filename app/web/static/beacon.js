// Tells the site which entries were on screen: at least half of one, for half a second, once for each slate entry.
(() => {
  "use strict";
  if (!("IntersectionObserver" in window)) return;

  const ENDPOINT = "/api/v1/events";
  const VISIBLE_MS = 500;
  const FLUSH_MS = 4000;
  const MAX_IN_BATCH = 100;
  const MAX_TRIES = 3;

  const waiting = [];
  const timers = new Map();
  let tries = 0;

  const entryOf = (card) => ({
    event_id: `v-${card.dataset.slate}-${card.dataset.position}`,
    kind: "view",
    item_id: card.dataset.item,
    slate_id: card.dataset.slate,
    position: Number(card.dataset.position),
    client_time: Date.now() / 1000,
  });

  const observer = new IntersectionObserver((changes) => {
    for (const change of changes) {
      const card = change.target;
      if (change.isIntersecting && change.intersectionRatio >= 0.5) {
        if (timers.has(card)) continue;
        timers.set(card, setTimeout(() => {
          timers.delete(card);
          observer.unobserve(card);
          waiting.push(entryOf(card));
        }, VISIBLE_MS));
      } else {
        clearTimeout(timers.get(card));
        timers.delete(card);
      }
    }
  }, { threshold: [0, 0.5] });

  // Events carry ids of their own, so sending one twice counts once; a batch that fails goes back in line.
  async function send() {
    if (!waiting.length || tries >= MAX_TRIES) return;
    const events = waiting.splice(0, MAX_IN_BATCH);
    try {
      const answer = await fetch(ENDPOINT, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ events }),
        keepalive: true,
      });
      if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
      tries = 0;
    } catch {
      tries += 1;
      waiting.unshift(...events);
    }
  }

  // The page is going: nobody is left to hear an answer.
  function leave() {
    while (waiting.length) {
      const body = JSON.stringify({ events: waiting.splice(0, MAX_IN_BATCH) });
      if (!navigator.sendBeacon(ENDPOINT, new Blob([body], { type: "application/json" }))) return;
    }
  }

  // Looking again at a card that was looked at does nothing: its event has the same id.
  const lookAtAll = () => document.querySelectorAll(":is(.card, .billboard)[data-slate]").forEach((card) => observer.observe(card));
  lookAtAll();
  document.addEventListener("carousel:shelves", lookAtAll);
  setInterval(send, FLUSH_MS);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
})();
