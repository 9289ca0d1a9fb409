// Paying online needs a script: where there is none, the page has ticked a means at the door in its place.

for (const radio of document.querySelectorAll("[data-chosen]")) radio.checked = true;
