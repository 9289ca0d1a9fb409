// Paid on the page: the card is typed into Stripe's own fields, in a frame of theirs, and never reaches this site.
// The page itself needs no answer of Stripe's: the intent is made when "Payer" is pressed, the same one each time.

const CARDS_MILLISECONDS = 4000;
const BEGIN_MILLISECONDS = 30000;

const form = document.querySelector("[data-pay]");
const button = form?.querySelector("button");
const pays = button?.textContent;
const said = document.getElementById("pay-said");
let stripe = null;
let elements = null;
let busy = false;

// --- what is said

function say(title, words = "") {
  said.replaceChildren();
  if (!title) return;
  const notice = document.createElement("div");
  notice.className = "notice notice--error";
  for (const [text, name] of [[title, "notice__title"], [words, ""]]) {
    if (!text) continue;
    const line = document.createElement("p");
    line.className = name;
    line.textContent = text;
    notice.append(line);
  }
  said.append(notice);
  said.focus();
}

function unreachable() {
  say(form.dataset.wordsUnreachable, form.dataset.wordsTry);
}

function work(on) {
  busy = on;
  button.disabled = on;
  form.setAttribute("aria-busy", String(on));
  button.textContent = on ? button.dataset.wordsBusy : pays;
}

// --- our site

function post(address, milliseconds) {
  return fetch(address, { method: "POST", body: new FormData(form), signal: AbortSignal.timeout(milliseconds) });
}

// The cards that Stripe keeps for who is signed in. Without an answer the page does without them.
async function keptCards() {
  if (!form.dataset.cards) return {};
  try {
    const answer = await post(form.dataset.cards, CARDS_MILLISECONDS);
    const { secret } = answer.ok ? await answer.json() : {};
    return secret ? { customerSessionClientSecret: secret } : {};
  } catch {
    return {};
  }
}

// --- how Stripe's fields look: as ours do

function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  form.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function appearance() {
  return {
    theme: "flat",
    variables: {
      colorPrimary: colour("--link"),
      colorBackground: colour("--surface"),
      colorText: colour("--ink"),
      colorTextSecondary: colour("--ink-soft"),
      colorTextPlaceholder: colour("--ink-soft"),
      colorDanger: colour("--danger"),
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSizeBase: "17px",
      borderRadius: "8px",
    },
    rules: {
      ".Input, .Block, .Tab": { border: `1.5px solid ${colour("--line-strong")}`, boxShadow: "none" },
      ".Input:focus": { borderColor: colour("--ring"), outline: `3px solid ${colour("--ring")}` },
      ".Input--invalid": { borderColor: colour("--danger"), backgroundColor: colour("--danger-soft") },
      ".Label": { fontWeight: "700" },
    },
  };
}

function loaded(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = () => failed(new Error(address));
    document.head.append(script);
  });
}

async function open() {
  const { pay, key, amount, locale } = form.dataset;
  const [kept] = await Promise.all([keptCards(), loaded(pay)]);
  stripe = window.Stripe(key, { locale });
  const asked = { mode: "payment", amount: Number(amount), currency: "eur", allowedPaymentMethodTypes: ["card"], locale };
  elements = stripe.elements({ ...asked, ...kept, appearance: appearance() });
  const fields = elements.create("payment", { layout: "tabs" });
  const place = document.getElementById("pay-fields");
  fields.on("ready", () => {
    place.querySelector(".pay__wait")?.remove();
    button.disabled = busy;
  });
  fields.on("loaderror", unreachable);
  const frame = document.createElement("div");
  place.append(frame);
  fields.mount(frame);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => elements.update({ appearance: appearance() }));
}

// --- the payment

// Whether the money may be there, or on its way: paid in another tab, or charged while the connection broke. The site looks.
function mayBePaid(error) {
  const state = error.payment_intent?.status;
  return ["succeeded", "processing"].includes(state) || ["api_connection_error", "api_error"].includes(error.type);
}

// True when the page is about to be left.
async function pay() {
  const incomplete = (await elements.submit()).error;
  if (incomplete) return say(form.dataset.wordsIncomplete, incomplete.message);
  const answer = await post(form.action, BEGIN_MILLISECONDS);
  const begun = await answer.json();
  if (begun.code === "not_payable") return true;
  if (!answer.ok) return say(begun.words);
  const { client_secret: clientSecret, return_url } = begun;
  const charge = { elements, clientSecret, confirmParams: { return_url }, redirect: "if_required" };
  const error = await refusal(charge);
  if (!error || mayBePaid(error)) return true;
  return say(form.dataset.wordsRefused, error.message);
}

// Why the card was refused; nothing when it was not, or when it broke off: nobody here knows then what was charged.
async function refusal(charge) {
  try {
    return (await stripe.confirmPayment(charge)).error;
  } catch {
    return null;
  }
}

async function submitted(event) {
  event.preventDefault();
  if (busy || !elements) return;
  work(true);
  say("");
  try {
    if (await pay()) {
      location.assign(form.dataset.back);
      return;
    }
  } catch {
    unreachable();
  }
  work(false);
}

// --- what is heard live

// Somebody who leaves by one of the other buttons changes the order by it: that news must not lead them elsewhere.
function leaveInPeace() {
  let leaving = false;
  document.addEventListener("submit", (event) => {
    if (event.target !== form) leaving = true;
  });
  document.querySelector("[data-live]")?.addEventListener("htmx:beforeOnLoad", (event) => {
    if (leaving) event.preventDefault();
  });
}

// --- the time that is left

function countDown(words) {
  const ends = performance.now() + Number(words.dataset.countdown) * 1000;
  const left = words.querySelector("[data-left]");
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    left.textContent = left.dataset.words.replace("%t", time);
    // The server says what is then; a payment that is on its way is waited for.
    if (!seconds && !busy) location.reload();
    else setTimeout(tick, 1000);
  };
  tick();
}

if (form) {
  form.addEventListener("submit", submitted);
  open().catch(unreachable);
}
leaveInPeace();
const countdown = document.querySelector("[data-countdown]");
if (countdown) countDown(countdown);
// Back from the order's page: the one that the browser has kept knows nothing of what was paid.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
