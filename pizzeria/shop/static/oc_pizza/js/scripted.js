// Read before anything is painted: what needs a script is shown where there is one, and nothing jumps.

document.documentElement.classList.add("scripted");
// Paying online needs one: without it, the checkout's page has ticked a means at the door in its place.
document.addEventListener("DOMContentLoaded", () => {
  for (const radio of document.querySelectorAll("[data-chosen]")) {
    // Somebody may have ticked another while the page still loaded: that is their choice.
    const ticked = document.querySelector(`[name="${radio.name}"]:checked`);
    if (!ticked || ticked.defaultChecked) radio.checked = true;
  }
});
