// The command bar: one field, one list. What the page can do and its places are known here; people and
// views are asked of the server, which says only what this person may see. Focus stays in the field.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase().trim();
const ASK_AFTER = 120;

// Whose conversations were open lately: numbers, whose names the server tells as far as they are in reach.
const recent = () => localStorage.getItem(`recent-${document.body.dataset.user}`) ?? "";

let dialog;
let input;
let timer;
let asking;
let asked;

export function show(opened, offered, capOf) {
  dialog = opened;
  input = find("#bar-input", dialog);
  fillActions(offered);
  for (const cap of all("#bar-places .key", dialog)) cap.textContent = capOf(cap.closest("[data-key]").dataset.key);
  asked = undefined;
  find("#bar-found", dialog).replaceChildren();
  refresh();
  ask();
  input.focus();
}

function fillActions(offered) {
  const group = find("#bar-actions", dialog);
  const template = find("template", group);
  for (const stale of all("[role=option]", group)) stale.remove();
  for (const { label, cap, run } of offered) {
    const option = template.content.firstElementChild.cloneNode(true);
    find(".bar-words", option).textContent = label;
    const key = find(".key", option);
    key.textContent = cap;
    key.hidden = !cap;
    option.addEventListener("click", () => leaveFor(run));
    group.append(option);
  }
}

// The dialog gives the focus back to where it was; then the action takes it where it belongs.
function leaveFor(run) {
  dialog.close();
  run();
}

// ---- What matches
const groups = () => all("[role=group]", dialog);
const options = () => all("[role=option]", dialog).filter((each) => !each.hidden && !each.closest("[hidden]"));

function refresh() {
  const words = plain(input.value).split(/\s+/).filter(Boolean);
  for (const option of all("#bar-actions [role=option], #bar-places [role=option]", dialog)) {
    const text = plain(find(".bar-words", option).textContent);
    option.hidden = !words.every((word) => text.includes(word));
  }
  number();
}

function number() {
  for (const group of groups()) group.hidden = !all("[role=option]", group).some((each) => !each.hidden);
  const shown = options();
  shown.forEach((option, place) => (option.id = `bar-option-${place}`));
  point(shown[0]);
  const words = shown.length === 1 ? "one" : shown.length ? "many" : "none";
  find("#bar-count", dialog).textContent = dialog.dataset[words].replace("%n", shown.length);
  find("#bar-none", dialog).hidden = shown.length > 0 || Boolean(asking);
}

function point(option) {
  for (const each of all("[aria-selected=true]", dialog)) each.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

// ---- Who is found
async function ask() {
  const words = input.value.trim();
  if (words === asked) return;
  asked = words;
  asking?.abort();
  const mine = (asking = new AbortController());
  const fault = find("#bar-fault", dialog);
  const query = words ? { q: words } : { recientes: recent() };
  try {
    const answer = await fetch(`${dialog.dataset.finds}?${new URLSearchParams(query)}`, { signal: mine.signal, headers: { "HX-Request": "true" } });
    if (answer.redirected) document.dispatchEvent(new CustomEvent("session:ended"));
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    find("#bar-found", dialog).innerHTML = await answer.text();
    fault.hidden = true;
  } catch (why) {
    if (why.name === "AbortError") return;
    // What is known here still works; the rest says that it is missing.
    asked = undefined;
    find("#bar-found", dialog).replaceChildren();
    fault.hidden = false;
  }
  if (asking === mine) asking = undefined;
  number();
}

document.addEventListener("input", ({ target }) => {
  if (target !== input) return;
  refresh();
  clearTimeout(timer);
  timer = setTimeout(ask, ASK_AFTER);
});

// ---- Keys
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function step(by) {
  const shown = options();
  const here = shown.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (shown.length) point(shown[(here + by + shown.length) % shown.length]);
}

document.addEventListener("keydown", (event) => {
  if (event.target !== input || event.isComposing) return;
  if (event.key in STEPS) step(STEPS[event.key]);
  else if (event.key === "Enter") find("[aria-selected=true]", dialog)?.click();
  else return;
  event.preventDefault();
});
document.addEventListener("pointermove", ({ target }) => {
  const option = target.closest?.("#bar [role=option]");
  if (option && option.getAttribute("aria-selected") !== "true") point(option);
});
document.addEventListener("click", ({ target }) => target.closest("#bar-retry") && ask());
