// Live pages. Every element with data-live="topic …" hears of what happens on its topics as a "live" event
// (detail: {kind, topic, …}); with hx-trigger="live" it fetches itself anew. One connection a page.
// Where server-sent events are blocked, the elements are told to look for themselves every few seconds.

const POLL_MILLISECONDS = 5000;
const LOST_AFTER_MILLISECONDS = 4000;
const AGAIN_MILLISECONDS = 2000;
const SILENT_MILLISECONDS = 45000; // three of the server's beats
const KINDS = ["order", "makeable", "promise", "round", "sample"];

let source = null;
let watched = "";
let polling = null;
let losing = null;
let silence = null;

const watchers = () => [...document.querySelectorAll("[data-live]")];
const topicsOf = (element) => element.dataset.live.split(/\s+/).filter(Boolean);

function tell(element, detail) {
  element.dispatchEvent(new CustomEvent("live", { detail, bubbles: false }));
}

function tellAll() {
  for (const element of watchers()) tell(element, { kind: "look" });
}

function show(state) {
  document.documentElement.dataset.liveState = state;
  for (const dot of document.querySelectorAll(".live-dot")) {
    dot.classList.toggle("is-lost", state !== "live");
    const words = dot.dataset[state === "live" ? "wordsLive" : "wordsLost"];
    if (words && dot.textContent !== words) dot.textContent = words;
  }
}

function startPolling() {
  if (polling) return;
  show("lost");
  polling = setInterval(tellAll, POLL_MILLISECONDS);
}

function stopPolling() {
  clearTimeout(losing);
  losing = null;
  clearInterval(polling);
  polling = null;
  show("live");
}

// A connection whose other end is gone (another network, a box that forgets) fails by nothing but silence.
function awaitNews() {
  clearTimeout(silence);
  silence = setTimeout(() => {
    startPolling();
    source?.close();
    connect();
  }, SILENT_MILLISECONDS);
}

function hear(event) {
  awaitNews();
  const detail = { kind: event.type, ...JSON.parse(event.data) };
  for (const element of watchers()) if (topicsOf(element).includes(detail.topic)) tell(element, detail);
}

function connect() {
  const topics = [...new Set(watchers().flatMap(topicsOf))].sort();
  const wanted = topics.join(" ");
  if (wanted === watched && source && source.readyState !== EventSource.CLOSED) return;
  source?.close();
  watched = wanted;
  source = null;
  clearTimeout(silence);
  if (!topics.length) return;
  const query = new URLSearchParams(topics.map((topic) => ["topic", topic]));
  source = new EventSource(`/live/?${query}`);
  awaitNews();
  for (const sign of ["hello", "beat"]) source.addEventListener(sign, awaitNews);
  source.addEventListener("hello", () => {
    // What happened between the page's rendering and this connection is looked up once.
    stopPolling();
    tellAll();
  });
  for (const kind of KINDS) source.addEventListener(kind, hear);
  source.onerror = () => {
    losing ??= setTimeout(startPolling, LOST_AFTER_MILLISECONDS);
    // The browser gives up on a refused connection: try again later, in case it was a restart.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, POLL_MILLISECONDS);
  };
}

// The stream may live on while a page cannot be fetched: what was heard is then looked up again a little later.
function lookAgain({ detail }) {
  const element = detail.elt;
  if (element?.matches("[data-live]")) setTimeout(() => element.isConnected && tell(element, { kind: "look" }), AGAIN_MILLISECONDS);
}

for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(failure, lookAgain);
document.addEventListener("DOMContentLoaded", connect);
window.addEventListener("online", () => {
  connect();
  tellAll();
});
document.addEventListener("htmx:afterSettle", connect);
// A part that was fetched knows nothing of the connection.
document.addEventListener("htmx:afterSwap", () => {
  const state = document.documentElement.dataset.liveState;
  if (state) show(state);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tellAll();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) connect();
});
// Not before htmx has the page in hand, which it has at DOMContentLoaded, ahead of this: an element hears nothing until then.
if (document.readyState === "complete") connect();
