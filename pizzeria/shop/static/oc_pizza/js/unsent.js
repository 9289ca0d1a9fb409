// A tap that got no answer is said, where it is seen however far down the page is: a phone that has lost its network would
// just do nothing.

const place = document.querySelector("#unsent");

// What was refused for a reason is told by the answer itself.
function isLost({ requestConfig, xhr }) {
  return requestConfig?.verb === "post" && (!xhr?.status || xhr.status >= 500);
}

// Without a network nothing has left the phone, and what fails at the server leaves nothing behind; of an answer that does not
// come nobody knows.
function isUnknown(type) {
  return type !== "htmx:responseError" && navigator.onLine;
}

function say({ type, detail }) {
  if (!isLost(detail)) return;
  const notice = document.createElement("p");
  notice.className = "notice notice--error";
  notice.setAttribute("role", "alert");
  notice.textContent = isUnknown(type) ? place.dataset.unknown : place.dataset.words;
  place.replaceChildren(notice);
}

function forget({ detail }) {
  if (detail.requestConfig?.verb === "post") place.replaceChildren();
}

document.addEventListener("htmx:beforeRequest", forget);
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(failure, say);
