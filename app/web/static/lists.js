// Filters close like menus. They are links in <details>, so they work without this file.
const filters = [...document.querySelectorAll("details.filter")];

for (const filter of filters) {
  filter.addEventListener("toggle", () => {
    if (!filter.open) return;
    for (const other of filters) if (other !== filter) other.open = false;
  });
  filter.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !filter.open) return;
    filter.open = false;
    filter.querySelector("summary").focus();
  });
}

document.addEventListener("click", (event) => {
  for (const filter of filters) if (!filter.contains(event.target)) filter.open = false;
});
