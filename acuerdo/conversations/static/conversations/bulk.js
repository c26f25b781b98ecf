// Choosing conversations of the list: one, a range, or all that match. What was chosen outlives every
// swap of the rows, and goes when the list is narrowed in another way: nobody acts on what they cannot see.

const find = (selector, root = document) => root.querySelector(selector);
const boxes = () => [...document.querySelectorAll("#rows [data-pick]")];
const chosen = new Set();
const spared = new Set();
let isAll = false;
let list = "";
let anchor = "";
let here = "";

const bar = () => find("#bulk");
const query = () => find("#inbox")?.dataset.rows.split("?")[1] ?? "";
const isChosen = (id) => (isAll ? !spared.has(id) : chosen.has(id));
const isAny = () => isAll || chosen.size > 0;

function choose(id, on) {
  if (isAll) on ? spared.delete(id) : spared.add(id);
  else on ? chosen.add(id) : chosen.delete(id);
}

function clear() {
  chosen.clear();
  spared.clear();
  isAll = false;
  anchor = "";
}

// ---- What the page shows of it
function words() {
  const said = bar().dataset;
  if (isAll) return spared.size ? said.spared.replace("%n", spared.size) : said.all;
  if (!chosen.size) return said.none;
  return chosen.size === 1 ? said.one : said.many.replace("%n", chosen.size);
}

function paint() {
  if (!bar()) return;
  if (list !== query()) {
    list = query();
    clear();
  }
  for (const box of boxes()) box.checked = isChosen(box.value);
  const wasOpen = bar().classList.contains("is-open");
  bar().classList.toggle("is-open", isAny());
  if (isAny()) find("#bulk-count").textContent = words();
  if (isAny() || wasOpen) find("#bulk-said").textContent = words();
  showAll();
  point();
}

// How many match is asked for once for a list, and only by somebody who has begun to choose.
function showAll() {
  const all = find("[data-pick-all]", bar());
  all.hidden = isAll || !isAny() || !all.textContent.trim();
  if (!isAny() || all.dataset.of === list) return;
  all.dataset.of = list;
  htmx.ajax("GET", `${all.dataset.count}?${list}`, { target: all, swap: "innerHTML" }).then(showAll);
}

// The key is on the box of the row that has the focus, had it last, or is open.
function point() {
  for (const box of boxes()) box.removeAttribute("data-key");
  const row = document.getElementById(here) ?? find("#rows .row:has([aria-current])") ?? find("#rows .row:has([data-pick])");
  find("[data-pick]", row ?? document)?.setAttribute("data-key", "x");
}

// ---- What people do
function onClick(event) {
  const box = event.target.closest("[data-pick]");
  if (box) return onBox(box, event.shiftKey);
  if (event.target.closest("[data-pick-none]")) finish();
  if (event.target.closest("[data-pick-all]")) {
    isAll = true;
    paint();
  }
  const mode = event.target.closest("[data-pick-mode]");
  if (mode) setMode(mode.getAttribute("aria-pressed") !== "true");
}

function onBox(box, isRange) {
  const all = boxes();
  const from = all.findIndex((each) => each.value === anchor);
  const to = all.indexOf(box);
  const range = isRange && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
  for (const each of range) choose(each.value, box.checked);
  anchor = box.value;
  paint();
}

function setMode(on) {
  find(".pane-list").classList.toggle("is-picking", on);
  find("[data-pick-mode]")?.setAttribute("aria-pressed", String(on));
}

function finish() {
  const focused = bar().contains(document.activeElement);
  clear();
  setMode(false);
  paint();
  if (focused) find(".row-link", document.getElementById(here) ?? find("#rows"))?.focus();
}

// The form says what was chosen, also where its row is not on the page any more.
function onRequest({ detail }) {
  if (detail.elt.form !== bar() || detail.verb !== "post") return;
  detail.parameters.customer = isAll ? "" : [...chosen].join(",");
  detail.parameters.all = isAll ? "1" : "";
  detail.parameters.spared = [...spared].join(",");
  detail.path = `${detail.path}?${list}`;
}

document.addEventListener("click", onClick);
document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.("#rows .row");
  if (!row || row.id === here) return;
  here = row.id;
  point();
});
document.addEventListener("rows:changed", paint);
document.body.addEventListener("htmx:configRequest", onRequest);
document.body.addEventListener("htmx:afterSettle", paint);
document.body.addEventListener("bulk:started", finish);
window.addEventListener("pageshow", paint);
paint();
