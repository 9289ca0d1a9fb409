// The change to give back while one still counts: for the eye only. What was taken is written down by the server.

const language = document.documentElement.lang || "fr";
const euros = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });
const cents = (text) => (/^\d+([.,]\d{1,2})?$/.test(text.trim()) ? Math.round(Number(text.trim().replace(",", ".")) * 100) : null);
const written = (amount) => euros.format(amount / 100);

function tendered(form) {
  const note = form.querySelector("[name=note]:checked")?.value;
  if (note === "other") return cents(form.elements.tendered.value);
  return note && note !== "exact" ? cents(note) : null;
}

function write(form) {
  const amount = cents(form.elements.amount.value);
  if (amount !== null) form.querySelector("[data-amount]").textContent = written(amount);
  const change = form.querySelector("[data-change]");
  if (!change) return;
  const received = tendered(form);
  change.hidden = received === null || amount === null;
  if (change.hidden) return;
  const words = received < amount ? change.dataset.missing : change.dataset.words;
  change.textContent = words.replace("%n", written(Math.abs(received - amount)));
  change.classList.toggle("is-missing", received < amount);
}

for (const form of document.querySelectorAll("[data-take]")) {
  form.addEventListener("input", (event) => {
    // Who types another sum means it.
    const other = form.querySelector("[name=note][value=other]");
    if (event.target.name === "tendered" && other) other.checked = true;
    write(form);
  });
  write(form);
}
