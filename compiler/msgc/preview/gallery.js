// The gallery: draws cards as they come into view, searches, and where the page is served tries values and reloads.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
const [cards, names, search, kinds, levels, status] = ["cards", "names", "search", "kinds", "levels", "status"].map(find);
const all = new Map(); // key → {card, section, item}
const tried = new Map(); // key → the texts of a form that somebody has changed
let message = "";

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// ------------------------------------------------------------------------------------------------ drawing

// Only what comes near the screen is built: a catalog can have hundreds of definitions.
const near = new IntersectionObserver(
  (entries) => entries.forEach((entry) => entry.isIntersecting && build(entry.target)),
  { rootMargin: "600px" },
);

function build(section) {
  near.unobserve(section);
  if (section.dataset.built) return;
  section.dataset.built = "yes";
  const { card } = all.get(section.id);
  section.insertAdjacentHTML("beforeend", card.body); // its texts are escaped where they are written
  for (const form of section.querySelectorAll("form")) prepare(form, card.key);
}

function draw(card) {
  const old = all.get(card.key);
  const section = make("section", { id: card.key, class: "card", tabindex: "-1", "aria-label": card.name });
  section.innerHTML = card.head;
  const link = make("a", { href: `#${encodeURI(card.key)}`, dir: "auto" }, card.name);
  if (card.counts) link.append(make("span", { class: `dot ${card.level}` }, card.counts));
  const item = make("li", {}, link);
  all.set(card.key, { card, section, item });
  if (!old) return;
  const opened = [...old.section.querySelectorAll("details")].map((each) => each.open);
  const wasBuilt = old.section.dataset.built;
  old.section.replaceWith(section);
  old.item.replaceWith(item);
  if (!wasBuilt) return;
  build(section);
  const now = section.querySelectorAll("details");
  if (now.length === opened.length) now.forEach((each, index) => (each.open = opened[index]));
}

function show({ order, cards: changed, notice }) {
  changed.forEach(draw);
  for (const [key, { section, item }] of all) {
    if (order.includes(key)) continue;
    section.remove();
    item.remove();
    all.delete(key);
  }
  order.forEach((key, index) => {
    const { section, item } = all.get(key);
    if (cards.children[index] !== section) cards.insertBefore(section, cards.children[index] ?? null);
    if (names.children[index] !== item) names.insertBefore(item, names.children[index] ?? null);
    if (!section.dataset.built) near.observe(section);
  });
  find("notice").innerHTML = notice;
  const chosen = kinds.value;
  const found = [...new Set([...all.values()].map(({ card }) => card.kind))].sort();
  kinds.replaceChildren(kinds.options[0], ...found.map((kind) => make("option", {}, kind)));
  kinds.value = found.includes(chosen) ? chosen : "";
  filter();
}

// ---------------------------------------------------------------------------------------------- searching

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const level = levels.value;
  let count = 0;
  for (const { card, section, item } of all.values()) {
    const fits =
      words.every((word) => card.search.includes(word)) &&
      (!kinds.value || card.kind === kinds.value) &&
      (!level || (level === "none" ? !card.level : level === "any" ? card.level : card.level === level));
    section.hidden = item.hidden = !fits;
    count += fits ? 1 : 0;
  }
  status.textContent = `${count} of ${all.size} definitions${message && ` · ${message}`}`;
}

search.addEventListener("input", filter);
kinds.addEventListener("change", filter);
levels.addEventListener("change", filter);

// ----------------------------------------------------------------------------------------------- keyboard

const links = () => [...names.querySelectorAll("li:not([hidden]) a")];

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const at = document.activeElement;
  const writes = at.matches("input, textarea, select");
  if (event.key === "/" && !writes) search.focus();
  else if (event.key === "Escape" && at === search && search.value) (search.value = ""), filter();
  else if (event.key === "Escape" && at.closest?.(".opens[open]")) {
    const opened = at.closest(".opens");
    opened.open = false;
    opened.querySelector("summary").focus();
  } else if (["ArrowDown", "ArrowUp"].includes(event.key) && (at === search || names.contains(at))) {
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = links().indexOf(at) + step;
    if (next < 0) search.focus();
    else links()[next]?.focus();
  } else if ("jk".includes(event.key) && !writes) {
    const shown = [...cards.querySelectorAll("section:not([hidden])")];
    const index = shown.indexOf(at.closest?.("section")) + (event.key === "j" ? 1 : -1);
    shown[Math.max(0, index)]?.focus();
  } else return;
  event.preventDefault();
});

names.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link) requestAnimationFrame(() => all.get(decode(link.hash))?.section.focus({ preventScroll: true }));
});

function decode(hash) {
  const raw = hash.slice(1);
  if (all.has(raw)) return raw;
  try {
    return decodeURI(raw);
  } catch {
    return raw;
  }
}

// -------------------------------------------------------------------------------------------------- theme

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  find("theme").textContent = isDark() ? "Light" : "Dark";
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

const kept = {
  // A page from disk may have no storage.
  get: () => { try { return localStorage.getItem("msgc-theme"); } catch { return null; } },
  set: (value) => { try { localStorage.setItem("msgc-theme", value); } catch { /* for this visit only */ } },
};

find("theme").addEventListener("click", () => {
  setTheme(isDark() ? "light" : "dark");
  kept.set(document.documentElement.dataset.theme);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme());

// -------------------------------------------------------------------------------------------------- media

cards.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-media]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const kind = link.dataset.media;
  const loaded = document.createElement(kind === "image" ? "img" : kind);
  loaded.className = "loaded";
  loaded.referrerPolicy = "no-referrer";
  if (kind === "image") loaded.alt = "the message's picture";
  else loaded.controls = true;
  loaded.addEventListener("error", () => {
    loaded.replaceWith(link);
    delete link.dataset.media; // the next click opens it
    link.querySelector(".note").textContent = "cannot be loaded; open it";
  });
  loaded.src = link.href;
  link.replaceWith(loaded);
});

// ----------------------------------------------------------------------------------------- trying values

function prepare(form, key) {
  const examples = JSON.parse(form.dataset.examples);
  const fields = [...form.querySelectorAll("[name]")];
  const fill = (texts) => fields.forEach((field) => (field.value = texts[field.name] ?? ""));
  let timer = 0;
  const render = async () => {
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    tried.set(key, values);
    const trial = form.parentElement.querySelector(".trial");
    const answer = await post("render", { name: form.dataset.name, values });
    if (answer === null || tried.get(key) !== values) return; // a later change is on its way
    const isOpen = trial.querySelector("details[open]") !== null;
    trial.innerHTML = answer.html;
    if (isOpen) trial.querySelectorAll("figure details").forEach((each) => (each.open = true));
  };
  if (tried.has(key)) fill(tried.get(key)), render();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-example]")) fill(examples[event.target.value]);
    clearTimeout(timer);
    timer = setTimeout(render, 150);
  });
  form.closest("details").addEventListener("toggle", () => tried.has(key) || render());
}

async function post(path, body) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    if (answer.ok) return await answer.json();
    tell(answer.status === 403 ? "this page is of an earlier preview" : "the preview cannot render that");
  } catch {
    tell("the preview has ended");
  }
  return null;
}

function tell(text) {
  message = text;
  filter();
}

// ------------------------------------------------------------------------------------------------ reloading

async function follow(version) {
  for (let failures = 0; ; ) {
    try {
      const answer = await fetch(`changes?since=${version}`);
      if (!answer.ok) return tell("this page is of an earlier preview: open the new address");
      const news = await answer.json();
      failures = 0;
      if (news.version !== version) {
        version = news.version;
        show(news);
      }
    } catch {
      failures += 1; // a computer that wakes up has no network for a moment
      if (failures > 3) return tell("the preview has ended");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

setTheme(kept.get());
show(data);
all.get(decode(location.hash))?.section.scrollIntoView();
if (data.served) {
  history.replaceState(null, "", location.pathname + location.hash); // the token is in a cookie now
  follow(data.version);
}
