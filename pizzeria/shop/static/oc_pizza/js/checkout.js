// While a total is asked for anew, somebody may press the button below it. Until they let it go nothing is replaced: the
// button would be gone and the tap lost, or it would be for a total that nobody has read.

const LET_GO_MILLISECONDS = 100; // on a touch screen the click comes after the finger has left
const form = document.querySelector("form.checkout");
let isDown = false;
let isOwed = false;

function again() {
  if (isOwed && !isDown) form.querySelector("[data-recalculate]").dispatchEvent(new Event("change", { bubbles: true }));
}

function letGo() {
  isDown = false;
  if (isOwed) setTimeout(again, LET_GO_MILLISECONDS);
}

// The page is asked for in any case.
function isAsked() {
  isOwed = false;
}

form.addEventListener("pointerdown", (event) => {
  isDown = !event.button; // another button opens a menu, and its release may never be told
});
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, letGo);
form.addEventListener("htmx:beforeSwap", (event) => {
  if (!isDown) return;
  event.detail.shouldSwap = false;
  isOwed = true;
});
form.addEventListener("htmx:beforeRequest", isAsked);
form.addEventListener("submit", isAsked);
