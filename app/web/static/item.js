// Sharing an item: the sheet of the device, or the address on the clipboard. Without this file the link is the address.
// It names no slate, so whoever opens it comes by themselves.
for (const link of document.querySelectorAll("a[data-share]")) {
  const words = link.querySelector("span");
  const before = words.textContent;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      if (navigator.share) await navigator.share({ title: link.dataset.share, url: link.href });
      else {
        await navigator.clipboard.writeText(link.href);
        words.textContent = "Link copied";
        words.setAttribute("role", "status");
        setTimeout(() => { words.textContent = before; }, 2500);
      }
    } catch (error) {
      if (error.name !== "AbortError") location.assign(link.href); // nothing to share with: the address shows it
    }
  });
}

// Using it is a small success: the way to what was used appears at once.
document.addEventListener("carousel:acted", ({ detail }) => {
  const said = document.getElementById("success");
  if (detail.kind !== "use" || !said) return;
  said.hidden = !detail.on;
  said.classList.toggle("success--now", detail.on);
});
