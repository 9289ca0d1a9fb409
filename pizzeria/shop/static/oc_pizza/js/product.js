// The price on the button while choosing: for the eye only. What is paid is computed by the server.

const cents = (text) => Math.round(Number(text ?? 0) * 100);
const language = document.documentElement.lang || "fr";
const euros = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });

function priceOf(form) {
  const size = form.querySelector("[name=variant]:checked");
  if (!size) return null;
  const half = form.querySelector("[name=second_half]")?.selectedOptions[0];
  const prices = new Map((half?.dataset.prices ?? "").split(" ").map((pair) => pair.split(":")));
  const base = Math.max(cents(size.dataset.price), cents(prices.get(size.dataset.size)));
  const extras = [...form.querySelectorAll("[name=extras]:checked")];
  const quantity = Math.min(50, Math.max(1, Number(form.querySelector("[name=quantity]").value) || 1));
  return (base + extras.reduce((sum, extra) => sum + cents(extra.dataset.price), 0)) * quantity;
}

function offerHalves(form) {
  // Not every pizza comes in every size.
  const size = form.querySelector("[name=variant]:checked")?.dataset.size;
  for (const option of form.querySelectorAll("[data-prices]")) {
    option.disabled = Boolean(size) && !option.dataset.prices.split(" ").some((pair) => pair.startsWith(`${size}:`));
    if (option.disabled && option.selected) option.parentElement.selectedIndex = 0;
  }
}

for (const form of document.querySelectorAll("[data-product]")) {
  const total = form.querySelector("[data-total]");
  const write = () => {
    offerHalves(form);
    const price = priceOf(form);
    total.hidden = price === null;
    if (price !== null) total.textContent = `· ${euros.format(price / 100)}`;
  };
  for (const button of form.querySelectorAll("[data-step]"))
    button.addEventListener("click", () => {
      form.querySelector("[name=quantity]")[Number(button.dataset.step) > 0 ? "stepUp" : "stepDown"]();
      write();
    });
  form.addEventListener("change", write);
  form.addEventListener("input", write);
  write();
}
