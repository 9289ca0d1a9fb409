// The back office between two refreshes: elapsed times tick, what is new flashes, recipes open in a dialog.

const TICK_MILLISECONDS = 5000;
let ahead = 0; // seconds by which this machine's clock is ahead of the server's
let known = new Set();

const now = () => Date.now() / 1000 - ahead;
const tickets = () => [...document.querySelectorAll("[data-ticket]")];

function readClock() {
  const shown = document.querySelector("#live-version")?.dataset.now;
  if (shown) ahead = Date.now() / 1000 - Number(shown);
}

// As the template filter `elapsed` writes it.
function elapsed(seconds) {
  const minutes = Math.max(0, Math.floor(seconds / 60));
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${String(minutes % 60).padStart(2, "0")}` : `${minutes} min`;
}

function tick() {
  for (const time of document.querySelectorAll("[data-since]")) {
    const seconds = now() - Number(time.dataset.since);
    if (seconds >= 86400) continue; // days: the server has said it
    const words = elapsed(seconds);
    if (time.textContent !== words) time.textContent = words;
    const late = now() > Number(time.dataset.due);
    time.closest("[data-ticket]")?.classList.toggle("is-late", late);
  }
  for (const told of document.querySelectorAll(".board__late")) {
    const late = told.closest("section").querySelectorAll(".is-late").length;
    told.hidden = !late;
    told.textContent = told.dataset.words.replace("%n", late);
  }
}

function flashNew() {
  const shown = tickets();
  for (const ticket of shown) ticket.classList.toggle("is-new", !known.has(ticket.dataset.ticket));
  known = new Set(shown.map((ticket) => ticket.dataset.ticket));
}

function openRecipe() {
  const dialog = document.querySelector("dialog#recipe");
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "recipe") openRecipe();
  if (event.detail.target.id !== "live") return;
  readClock();
  flashNew();
  tick();
});

// When a ticket leaves, the next one slides under the finger: the second half of a double tap is not for it.
const DOUBLE_TAP_MILLISECONDS = 400;
let lastTap = { action: "", at: -Infinity };
document.addEventListener(
  "submit",
  (event) => {
    const action = event.target.getAttribute("action") ?? "";
    if (!event.target.closest("#live")) return;
    const since = performance.now() - lastTap.at;
    if (action !== lastTap.action && since < DOUBLE_TAP_MILLISECONDS) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    lastTap = { action, at: performance.now() };
  },
  { capture: true },
);

// A refresh that comes while a move is on its way would take its form away, and with it the words of the answer.
// The answer shows the page as it then is.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "live") return;
  const waiting = [...document.querySelectorAll("#live form.htmx-request")];
  if (waiting.some((form) => form !== event.detail.requestConfig.elt)) event.detail.shouldSwap = false;
});

// A move that did not arrive is said: a driver's phone loses its network in a lift.
function sayNotSaved(event) {
  if (event.detail.requestConfig?.verb !== "post") return;
  const words = document.querySelector("#not-saved");
  if (words) document.querySelector("#notices").replaceChildren(words.content.cloneNode(true));
  document.querySelector("#live")?.dispatchEvent(new CustomEvent("live", { detail: { kind: "look" } }));
}
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(failure, sayNotSaved);

// A tap beside the dialog closes it.
document.addEventListener("click", (event) => {
  if (event.target.matches("dialog#recipe")) event.target.close();
});

// A receipt is printed by whoever has a printer.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// On a phone the current page's tab, and the current section's, may lie beyond the edge.
for (const current of document.querySelectorAll(".tabs [aria-current]")) {
  current.scrollIntoView({ inline: "center", block: "nearest", behavior: "instant" });
}

readClock();
known = new Set(tickets().map((ticket) => ticket.dataset.ticket));
tick();
setInterval(tick, TICK_MILLISECONDS);
