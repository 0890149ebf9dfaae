// The page of a type is fetched while the pointer rests on its tab, so that it is there when it is clicked.
const RESTS_MS = 65;
const asked = new Set();

function preload(address) {
  if (asked.has(address) || navigator.connection?.saveData) return;
  asked.add(address);
  const link = document.createElement("link");
  link.rel = "prefetch";
  link.href = address;
  document.head.append(link);
}

for (const link of document.querySelectorAll(".tabs a:not([aria-current])")) {
  let timer = 0;
  link.addEventListener("pointerenter", () => { timer = setTimeout(preload, RESTS_MS, link.href); });
  link.addEventListener("pointerleave", () => clearTimeout(timer));
  link.addEventListener("focus", () => preload(link.href));
}
