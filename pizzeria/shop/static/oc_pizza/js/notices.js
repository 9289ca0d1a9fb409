// Asks this browser to be told by push: one tap, the browser's own question, and the form is sent.
// Without a push service, or where the question was answered with no, the form stays hidden or says so.

const form = document.querySelector("[data-push-key]");
const canPush = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

// A private window, or a certificate that is not trusted, refuses it: the page does without, and a push says so.
const registered =
  "serviceWorker" in navigator ? navigator.serviceWorker.register("/service-worker.js", { scope: "/" }).catch(() => null) : null;

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

function isFor(subscription, key) {
  const its = new Uint8Array(subscription.options.applicationServerKey ?? []);
  return its.length === key.length && its.every((byte, place) => byte === key[place]);
}

async function subscribe() {
  if (!(await registered)) throw new Error("refused");
  const registration = await navigator.serviceWorker.ready;
  const key = bytesOf(form.dataset.pushKey);
  const old = await registration.pushManager.getSubscription();
  // Only whoever has the key that it was made with may push to it: after another one of the site's, it is as good as none.
  if (old && isFor(old, key)) return old;
  await old?.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function ask(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
    const { endpoint, keys } = (await subscribe()).toJSON();
    for (const [name, value] of Object.entries({ endpoint, ...keys })) if (form.elements[name]) form.elements[name].value = value;
    form.submit();
  } catch {
    // The browser's answer, in its settings: nothing that we could ask again.
    form.querySelector("[data-push-refused]").hidden = false;
    button.disabled = false;
  }
}

if (form && canPush) {
  form.hidden = false;
  form.addEventListener("submit", ask);
}
