// Read before anything is painted: what needs a script is shown where there is one, and nothing jumps.

document.documentElement.classList.add("scripted");
// Paying online needs one: without it, the checkout's page has ticked a means at the door in its place.
document.addEventListener("DOMContentLoaded", () => {
  for (const radio of document.querySelectorAll("[data-chosen]")) radio.checked = true;
});
