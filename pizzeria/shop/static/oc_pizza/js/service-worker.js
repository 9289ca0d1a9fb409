// Receives what the site pushes, and shows a kind page where there is no network. It keeps nothing else.

const KEPT = "oc-pizza-offline-1";
const OFFLINE = "/hors-ligne/";

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(KEPT).then((cache) => cache.add(new Request(OFFLINE, { cache: "reload" }))).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  event.respondWith(fetch(event.request).catch(() => caches.match(OFFLINE)));
});

const STOP_WORDS = { fr: "Ne plus me prévenir", en: "Stop telling me" };

self.addEventListener("push", (event) => {
  const told = event.data?.json();
  if (!told) return;
  const { title, body, url, tag, stop, language } = told;
  event.waitUntil(
    self.registration.showNotification(title, {
      body,
      tag,
      // The one before of the same order goes; the telephone says again that there is news.
      renotify: true,
      lang: language,
      icon: "/static/oc_pizza/img/icon-maskable.svg",
      data: { url, stop },
      actions: [{ action: "stop", title: STOP_WORDS[language] ?? STOP_WORDS.fr }],
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  const { url, stop } = event.notification.data;
  event.notification.close();
  event.waitUntil(event.action === "stop" ? stopped(stop) : opened(url));
});

// One tap: nobody signs in, no page opens, and this browser is forgotten here as well as there.
async function stopped(path) {
  await fetch(path, { method: "POST", credentials: "omit" });
  const subscription = await self.registration.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

async function opened(address) {
  const path = new URL(address).pathname;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((client) => new URL(client.url).pathname === path);
  return shown ? shown.focus() : self.clients.openWindow(path);
}
