// Recommendations on any page of your own website, in 3 KB:
//
//   <div data-flywheel="https://recommend.shop.example" data-k="6" data-link="/product/{id}"></div>
//   <script src="snippet.js" defer></script>
//
// The site must name your website in FLYWHEEL_CORS_ORIGINS, and its host must share yours (recommend.shop.example with
// shop.example), or browsers keep the visitor's cookie back. Impressions and clicks are told by themselves.
(() => {
  "use strict";
  const HALF_SEEN = 0.5;

  const tell = (site, events) =>
    fetch(`${site}/api/v1/events`, {
      method: "POST",
      credentials: "include",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ events }),
    }).catch(() => {});

  const card = (place, entry) => {
    const link = document.createElement("a");
    const id = entry.item.item_id;
    const onSite = (path) => new URL(path, place.dataset.flywheel).href;
    link.href = place.dataset.link
      ? place.dataset.link.replace("{id}", encodeURIComponent(id))
      : onSite(entry.item.url);
    const picture = document.createElement("img");
    picture.src = onSite(entry.item.artwork.url);
    picture.alt = "";
    picture.width = entry.item.artwork.width;
    picture.height = entry.item.artwork.height;
    link.append(picture);
    const title = document.createElement("span");
    title.textContent = entry.item.title;
    link.append(title);
    if (entry.reason) link.title = entry.reason;
    return link;
  };

  const fill = async (place) => {
    const site = place.dataset.flywheel.replace(/\/$/, "");
    const query = new URLSearchParams({ k: place.dataset.k || "6" });
    const answer = await fetch(`${site}/api/v1/recommendations?${query}`, { credentials: "include" });
    if (!answer.ok) return; // the page is whole without recommendations
    const shown = await answer.json();
    const event = (kind, entry) => ({
      event_id: crypto.randomUUID(),
      kind,
      item_id: entry.item.item_id,
      slate_id: shown.slate_id,
      position: entry.position,
    });
    const seen = new IntersectionObserver(
      (changes) => {
        const visible = changes.filter((change) => change.isIntersecting);
        for (const change of visible) seen.unobserve(change.target);
        if (visible.length) tell(site, visible.map((change) => event("view", change.target.entry)));
      },
      { threshold: HALF_SEEN },
    );
    for (const entry of shown.items) {
      const link = card(place, entry);
      link.entry = entry;
      link.addEventListener("click", () => tell(site, [event("click", entry)]));
      place.append(link);
      seen.observe(link);
    }
  };

  for (const place of document.querySelectorAll("[data-flywheel]")) fill(place).catch(() => {});
})();
