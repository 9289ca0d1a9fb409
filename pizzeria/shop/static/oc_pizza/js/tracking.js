// Keeps true what the order's page says of the time: how long there is left, or how late it is; and tells the tab, and
// whoever listens instead of reading, when something has changed. What is promised is the server's to say, never ours.

const MINUTE = 60;
const EVERY_MILLISECONDS = 5000;

let heard = "";

// The seconds that were left when the page was made, less those since: a telephone whose clock is wrong does not matter.
function secondsLeft(element) {
  element.shownAt ??= Date.now();
  return Number(element.dataset.due) - Number(element.dataset.now) - (Date.now() - element.shownAt) / 1000;
}

function wordsOf({ dataset }, seconds) {
  const late = Math.max(1, Math.floor(-seconds / MINUTE));
  if (seconds < 0) return late === 1 ? dataset.lateOne : dataset.late.replace("%n", late);
  const minutes = Math.ceil(seconds / MINUTE);
  return minutes <= 1 ? dataset.soon : dataset.left.replace("%n", minutes);
}

function count() {
  for (const element of document.querySelectorAll("[data-due][data-left]")) {
    const shown = element.querySelector("[data-words]");
    const words = wordsOf(element, secondsLeft(element));
    if (shown && shown.textContent !== words) shown.textContent = words;
  }
}

function tell() {
  const news = document.querySelector("[data-tab]");
  if (!news) return;
  document.title = `${news.dataset.tab} · OC Pizza`;
  const said = document.querySelector("#said");
  // Not when the page opens: its heading is read then. Only what has changed.
  if (said && heard && heard !== news.dataset.said) said.textContent = news.dataset.said;
  heard = news.dataset.said;
}

function look() {
  count();
  tell();
}

document.addEventListener("htmx:afterSettle", look);
document.addEventListener("visibilitychange", count);
setInterval(count, EVERY_MILLISECONDS);
look();
