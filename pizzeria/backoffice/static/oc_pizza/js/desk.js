// The cashier's sheet without a hand on the mouse. The server has the rules: the form is sent as a browser would send it,
// and of the page that comes back the parts that nobody is typing in take the place of those that are shown.

const form = document.querySelector("[data-desk]");
const typed = document.querySelector("#typed");
const list = document.querySelector("#found");
const place = document.querySelector("#place");
const byId = (id) => document.getElementById(id);

// One request after the other: what is sent is what the one before has left.
let turn = Promise.resolve();
let waiting = 0;
let losses = 0;

// As in staff.js: what is sent without a network has never left, and what is refused is not saved; of all else nobody knows.
function lost({ isUnsaved = false } = {}) {
  losses += 1;
  const words = document.querySelector(isUnsaved ? "#not-saved" : "#not-known");
  document.querySelector("#notices").replaceChildren(words.content.cloneNode(true));
  return { isRefused: isUnsaved };
}

const isRefusal = ({ status }) => status >= 400 && status < 500;

// What somebody types is theirs: fields are filled anew only by the button that fills them, and what was chosen
// stays while it is on its way. The lines are the server's: each answer brings them before the next is asked for.
function isTheirs(region, old, filled) {
  if (region === "who") return !filled;
  const focus = document.activeElement;
  if (region === "lines") return old.contains(focus) && focus.matches("[data-line]") && focus.value !== focus.defaultValue;
  return region === "hours" && waiting > 1;
}

function show(page, filled) {
  for (const fresh of page.querySelectorAll("[data-region]")) {
    const region = fresh.dataset.region;
    const old = document.querySelector(`[data-region="${region}"]`);
    if (!old || isTheirs(region, old, filled)) continue;
    const id = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    if (id) byId(id)?.focus();
  }
}

const FILLS = ["caller", "spot"];

async function exchange(button) {
  const body = new FormData(form);
  if (button) body.append(button.name, button.value);
  if (button?.typed !== undefined) body.set("typed", button.typed);
  const isOffline = !navigator.onLine;
  const answer = await fetch(button?.action || form.action, { method: "POST", body }).catch(() => null);
  if (!answer) return lost({ isUnsaved: isOffline });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.redirected) {
    location.assign(answer.url);
    return {};
  }
  if (!page.querySelector("[data-desk]")) return lost({ isUnsaved: isRefusal(answer) });
  show(page, FILLS.includes(button?.name));
  return { isShown: true, isRefused: !answer.ok };
}

function send(button, { then, back } = {}) {
  waiting += 1;
  form.setAttribute("aria-busy", "true");
  turn = turn
    .then(() => exchange(button))
    .then(({ isShown, isRefused }) => {
      if (isShown) then?.();
      if (isRefused) back?.();
    })
    .catch(() => lost())
    .finally(() => {
      waiting -= 1;
      if (!waiting) form.removeAttribute("aria-busy");
    });
}

// Products.

let asking = null;
let answered = ""; // the words that the list answers

function close() {
  list.hidden = true;
  typed.setAttribute("aria-expanded", "false");
  typed.removeAttribute("aria-activedescendant");
}

function select(option) {
  for (const each of list.children) each.setAttribute("aria-selected", String(each === option));
  if (option?.id) typed.setAttribute("aria-activedescendant", option.id);
  option?.scrollIntoView({ block: "nearest" });
}

async function look() {
  asking?.abort();
  const words = typed.value.trim();
  if (!words || words === "=") return close();
  asking = new AbortController();
  try {
    const answer = await fetch(`${form.dataset.found}?${new URLSearchParams({ q: words })}`, { signal: asking.signal });
    if (!answer.ok) return close();
    list.innerHTML = await answer.text();
    answered = words;
  } catch (failure) {
    if (failure.name !== "AbortError") close();
    return;
  }
  list.hidden = !list.children.length;
  typed.setAttribute("aria-expanded", String(!list.hidden));
  select(list.querySelector("[data-place]"));
}

function add(which, words = typed.value) {
  asking?.abort();
  typed.value = "";
  close();
  const back = () => {
    if (typed.value) return;
    typed.value = words;
    typed.focus();
    typed.select();
  };
  send({ name: "add", value: which, typed: words }, { back });
}

// Of a list that answers older words, the place would be another product's: the likeliest of what is typed is taken then.
function chosen() {
  if (answered !== typed.value.trim()) return "0";
  return list.querySelector('[aria-selected="true"]')?.dataset.place ?? "0";
}

function move(step) {
  const options = [...list.querySelectorAll("[data-place]")];
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (options.length) select(options[(now + step + options.length) % options.length]);
}

function keysOfTyped(event) {
  const isEmpty = !typed.value.trim();
  if (event.key === "?" && isEmpty) help(event);
  else if (event.key === "Enter") {
    event.preventDefault();
    if (isEmpty) place.focus();
    else if (typed.value.trim() === "=") asBefore();
    else add(list.hidden ? "0" : chosen());
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!list.hidden) move(event.key === "ArrowDown" ? 1 : -1);
    else if (isEmpty) [...document.querySelectorAll("[data-line]")].at(event.key === "ArrowUp" ? -1 : 0)?.focus();
  } else if (event.key === "Escape") close();
}

function asBefore() {
  typed.value = "";
  byId("as-before")?.click();
}

// Lines, up and down, more and fewer.

function keysOfLine(event) {
  const line = event.target;
  const all = [...document.querySelectorAll("[data-line]")];
  const at = all.indexOf(line);
  const press = (name) => line.closest("li").querySelector(`[name="${name}"]`).click();
  const keys = {
    ArrowUp: () => (all[at - 1] ?? line).focus(),
    ArrowDown: () => (all[at + 1] ?? typed).focus(),
    Enter: () => typed.focus(),
    "+": () => press("more"),
    "-": () => press("less"),
    Delete: () => {
      line.value = "0";
      typed.focus();
      send(null);
    },
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
}

// The caller.

function find() {
  const then = () => (byId("first-caller") ?? byId("first_name")).focus();
  send({ name: "find", value: "1", action: form.dataset.caller }, { then });
}

function next(field) {
  const fields = [...form.querySelectorAll("input:not([type=hidden], [type=radio], [type=checkbox])")];
  const shown = fields.filter((each) => each.offsetParent && !each.matches("[data-line]"));
  shown[shown.indexOf(field) + 1]?.focus();
}

// Keys that work everywhere on the sheet.

function cycle(name) {
  const all = [...form.querySelectorAll(`[name="${name}"]`)];
  const on = all.findIndex((each) => each.checked);
  const following = all[(on + 1) % all.length];
  following.checked = true;
  following.dispatchEvent(new Event("change", { bubbles: true }));
}

function help(event) {
  event.preventDefault();
  const shown = byId("help");
  shown.open = !shown.open;
  shown.querySelector("summary").focus();
}

const EVERYWHERE = {
  F2: () => cycle("source"),
  F4: () => cycle("fulfilment"),
  F8: () => cycle("payment_method"),
  F9: () => byId("hold").click(),
};

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (EVERYWHERE[event.key]) {
    event.preventDefault();
    EVERYWHERE[event.key]();
  } else if (event.key === "Escape" && event.target !== typed) typed.focus();
  else if (event.key === "?" && !event.target.matches("input, textarea, select")) help(event);
});

form.addEventListener("keydown", (event) => {
  if (event.target === typed) keysOfTyped(event);
  else if (event.target.matches("[data-line]")) keysOfLine(event);
  else if (event.key === "Enter" && event.target.matches("input")) {
    event.preventDefault();
    if (event.target.id === "phone") find();
    else next(event.target);
  }
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-quiet]");
  if (!button) return;
  event.preventDefault();
  if (button.id === "find") return find();
  if (button.id === "add") return add(chosen());
  const then = () => button.dataset.then && byId(button.dataset.then)?.focus();
  send({ name: button.name, value: button.value }, { then });
});

form.addEventListener("submit", (event) => {
  if (!waiting) return;
  event.preventDefault();
  // What is placed is what is shown: a total that is on its way has not been read yet.
  if (event.submitter !== place) after(event.submitter);
});

// Put aside, dropped: not beside what is on its way, which would be lost, or written over the sheet afterwards. When
// some of it did not arrive, that is read first.
function after(submitter) {
  const before = losses;
  turn.then(() => losses === before && form.requestSubmit(submitter));
}

typed.addEventListener("input", look);
typed.addEventListener("blur", close);
list.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  const option = event.target.closest("[data-place]");
  // What is touched is what is shown, whatever was typed since.
  if (option) add(option.dataset.place, answered);
});

// What is typed is kept as soon as one leaves the field: a reload, or the next caller, takes nothing away.
form.addEventListener("change", (event) => {
  if (event.target !== typed) send(null);
});

byId(form.dataset.focus)?.focus();
