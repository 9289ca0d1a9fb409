// A tap that got no answer is said, where it is seen however far down the page is: a phone that has lost its network would
// just do nothing.

const place = document.querySelector("#unsent");

// What was refused for a reason is told by the answer itself.
function isLost({ requestConfig, xhr }) {
  return requestConfig?.verb === "post" && (!xhr?.status || xhr.status >= 500);
}

// What was sent without a network has never left the phone. Of all else nobody knows.
const unsent = new WeakSet();

function say({ detail }) {
  if (!isLost(detail)) return;
  const notice = document.createElement("p");
  notice.className = "notice notice--error";
  notice.setAttribute("role", "alert");
  notice.textContent = unsent.has(detail.xhr) ? place.dataset.words : place.dataset.unknown;
  place.replaceChildren(notice);
}

function begin({ detail }) {
  if (detail.requestConfig?.verb !== "post") return;
  place.replaceChildren();
  if (!navigator.onLine) unsent.add(detail.xhr);
}

document.addEventListener("htmx:beforeRequest", begin);
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(failure, say);
