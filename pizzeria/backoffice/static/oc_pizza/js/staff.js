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
  if (unsaid) notices().append(...unsaid);
  unsaid = null;
  readClock();
  flashNew();
  tick();
});

// When a ticket leaves, the next one slides under the finger: the second half of a double tap is not for it.
// Counted is when the finger tapped, not when a page that was busy drawing heard of it.
const DOUBLE_TAP_MILLISECONDS = 400;
let tappedAt = 0;
let lastTap = { action: "", at: -Infinity };
document.addEventListener("click", (event) => (tappedAt = event.timeStamp), { capture: true });
document.addEventListener(
  "submit",
  (event) => {
    const action = event.target.getAttribute("action") ?? "";
    if (!event.target.closest("#live")) return;
    const since = tappedAt - lastTap.at;
    if (action !== lastTap.action && since < DOUBLE_TAP_MILLISECONDS) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    lastTap = { action, at: tappedAt };
  },
  { capture: true },
);

// What is shown is replaced when nobody loses by it. What comes at another moment is owed: it is asked for anew after it.
const PRESS_MILLISECONDS = 5000; // at most: of some presses (a menu of the browser's) nobody tells the end
const CLICK_MILLISECONDS = 100; // a touch's click comes a little after its lift
let pressed = null;
let owed = false;
let unsaid = null; // the words of moves whose answers were not shown

const notices = () => document.querySelector("#notices");
const look = () => document.querySelector("#live")?.dispatchEvent(new CustomEvent("live", { detail: { kind: "look" } }));
const isMoving = (but) => [...document.querySelectorAll("#live form.htmx-request")].some((form) => form !== but);

function comesAmiss({ elt, parameters }) {
  // A refresh that a move's answer has overtaken may be older than it.
  const isOvertaken = elt.id === "live" && parameters.v !== document.querySelector("#live-version")?.value;
  // Another move's form would go, and with it the words of its answer; and from under a finger, the button that it is on.
  return pressed || isMoving(elt) || isOvertaken;
}

function catchUp() {
  if (!owed || pressed || isMoving()) return;
  owed = false;
  if (unsaid) notices().replaceChildren(...unsaid);
  unsaid = null;
  look();
}

function hold(milliseconds) {
  clearTimeout(pressed);
  pressed = setTimeout(() => {
    pressed = null;
    catchUp();
  }, milliseconds);
}

function wordsOf(answer) {
  const found = new DOMParser().parseFromString(answer, "text/html").querySelector("#notices");
  return [...(unsaid ?? []), ...(found?.childNodes ?? [])];
}

document.addEventListener("pointerdown", () => hold(PRESS_MILLISECONDS), { capture: true });
for (const lift of ["pointerup", "pointercancel"]) document.addEventListener(lift, () => hold(CLICK_MILLISECONDS), { capture: true });
// Not at once: the move that the click makes comes first.
document.addEventListener("click", () => hold(0), { capture: true });
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "live" || !detail.shouldSwap || !comesAmiss(detail.requestConfig)) return;
  detail.shouldSwap = false;
  owed = true;
  if (detail.requestConfig.verb === "post") unsaid = wordsOf(detail.xhr.response);
});
document.addEventListener("htmx:afterRequest", catchUp);

// A move that got no answer is said: a driver's phone loses its network in a lift. What was sent without one has never left it, and
// what is refused is not saved; of all else nobody knows.
const unsent = new WeakSet();

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (!navigator.onLine) unsent.add(detail.xhr);
});

function isUnsaved(xhr) {
  return unsent.has(xhr) || (xhr.status >= 400 && xhr.status < 500);
}

function sayLost({ detail }) {
  if (detail.requestConfig?.verb !== "post") return;
  const words = document.querySelector(isUnsaved(detail.xhr) ? "#not-saved" : "#not-known");
  if (words) notices().replaceChildren(words.content.cloneNode(true));
  look();
}
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(failure, sayLost);

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
