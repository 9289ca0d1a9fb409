// Passkeys: the browser asks for a finger, a face or a key, and its answer is sent as a form. Which form is which is
// said by data-passkey: "sign-in" asks the site for a challenge first; "add" and "authenticate" find theirs on the page.

const forms = document.querySelectorAll("form[data-passkey]");
// An address in figures is no name of a site: no browser makes a passkey for it.
const isNumbered = /^[\d.]+$|:|^\[/.test(location.hostname);
const works = Boolean(window.PublicKeyCredential && navigator.credentials) && !isNumbered;

// --- between JSON and bytes

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function read(options) {
  const { user, excludeCredentials, allowCredentials } = options;
  const known = (list) => list?.map((each) => ({ ...each, id: bytes(each.id) }));
  return {
    ...options,
    challenge: bytes(options.challenge),
    ...(user && { user: { ...user, id: bytes(user.id) } }),
    ...(excludeCredentials && { excludeCredentials: known(excludeCredentials) }),
    ...(allowCredentials && { allowCredentials: known(allowCredentials) }),
  };
}

function written(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) answer[name] = text(response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: answer,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

// --- asking

async function challenge(form) {
  if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`no challenge: ${answer.status}`);
  return answer.json();
}

async function present(form) {
  const told = await challenge(form);
  if (form.dataset.passkey === "add") {
    return navigator.credentials.create({ publicKey: read(told.creation_options.publicKey) });
  }
  return navigator.credentials.get({ publicKey: read(told.request_options.publicKey) });
}

function words(form, problem) {
  if (problem.name === "InvalidStateError") return form.dataset.wordsKnown;
  return problem.name === "NotAllowedError" ? form.dataset.wordsCancelled : form.dataset.wordsFailed;
}

async function send(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const said = form.querySelector("[role=alert]:not([id])");
  const button = form.querySelector("button");
  said.textContent = "";
  button.disabled = true;
  try {
    form.elements.credential.value = written(await present(form));
    form.submit();
  } catch (problem) {
    said.textContent = words(form, problem);
    button.disabled = false;
  }
}

for (const form of forms) {
  form.hidden = !works;
  form.addEventListener("submit", send);
}
for (const notice of document.querySelectorAll("[data-passkey-not]")) {
  notice.hidden = works;
  const address = notice.querySelector("[data-passkey-address]");
  address.hidden = !(isNumbered && location.hostname.startsWith("127."));
  address.querySelector("a").hostname = "localhost";
}
