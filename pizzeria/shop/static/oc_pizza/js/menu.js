// What can still be made, told live: the tags of a menu or of a product's page change in place.
// A "makeable" event brings the counts that changed; any other news ("look": connected again, or polling
// while the connection is lost) asks for all of them.

function show(tag, count) {
  if (!tag) return;
  const words = count ? tag.dataset.wordsFew.replace("%n", count) : tag.dataset.wordsNone;
  tag.hidden = count > Number(tag.closest("[data-makeable]").dataset.lastOnes);
  tag.classList.toggle("tag--few", count > 0);
  tag.classList.toggle("tag--sold-out", count === 0);
  if (!tag.hidden && tag.textContent !== words) tag.textContent = words;
}

function updateCard(card, counts) {
  const known = new Map(card.dataset.counts.trim().split(/\s+/).map((pair) => pair.split(":")));
  for (const variant of known.keys()) if (variant in counts) known.set(variant, counts[variant]);
  card.dataset.counts = [...known].map((pair) => pair.join(":")).join(" ");
  const best = Math.max(...[...known.values()].map(Number));
  card.classList.toggle("is-sold-out", best === 0);
  show(card.querySelector("[data-tag]"), best);
  card.querySelector("button").disabled = best === 0;
  // The usual size may be gone while another is not.
  const usual = card.dataset.usual;
  const added = Number(known.get(usual)) ? usual : [...known.keys()].find((variant) => Number(known.get(variant)));
  if (!added) return;
  card.querySelector("[name=variant]").value = added;
  const words = card.querySelector(".price__usual");
  if (words) words.textContent = card.dataset.words.split("|")[[...known.keys()].indexOf(added)];
}

function updateSize(size, counts) {
  const count = counts[size.dataset.variant];
  if (count === undefined) return;
  const radio = size.querySelector("input");
  radio.disabled = count === 0;
  show(size.querySelector("[data-tag]"), count);
}

function updateProduct(form) {
  const sizes = [...form.querySelectorAll("[name=variant]")];
  const free = sizes.find((radio) => !radio.disabled);
  if (free && !sizes.some((radio) => radio.checked && !radio.disabled)) free.checked = true;
  form.querySelector(".product__add").disabled = !free;
  form.dispatchEvent(new Event("change"));
}

function update(root, counts) {
  for (const card of root.querySelectorAll("[data-counts]")) updateCard(card, counts);
  for (const size of root.querySelectorAll("[data-variant]")) updateSize(size, counts);
  for (const form of root.querySelectorAll("[data-product]")) updateProduct(form);
}

// What events say while all counts are on their way is newer than these, which must not undo it.
const told = new Set();

async function look(root) {
  const meanwhile = {};
  told.add(meanwhile);
  try {
    const answer = await fetch(root.dataset.makeable, { headers: { accept: "application/json" } });
    if (answer.ok) update(root, { ...(await answer.json()).counts, ...meanwhile });
  } finally {
    told.delete(meanwhile);
  }
}

function hear(root, counts) {
  for (const meanwhile of told) Object.assign(meanwhile, counts);
  update(root, counts);
}

for (const root of document.querySelectorAll("[data-makeable]")) {
  root.addEventListener("live", ({ detail }) => {
    if (detail.kind === "makeable") hear(root, detail.counts);
    // A look that fails is followed by the next one.
    else look(root).catch(() => {});
  });
}

// Where one is on the menu: the section that is under the middle of the screen.
const links = new Map([...document.querySelectorAll(".menu-nav__sections a")].map((link) => [link.hash.slice(1), link]));
const mark = (link, isHere) => (isHere ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) mark(links.get(target.id), isIntersecting);
  },
  { rootMargin: "-45% 0px -54% 0px" },
);
for (const section of document.querySelectorAll(".menu-section")) seen.observe(section);
