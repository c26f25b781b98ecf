// The list keeps still under the pointer, the thread keeps its place, and both follow the stream.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- The open conversation, marked in the list.
const openCustomer = () => find("#conversation[data-customer]")?.dataset.customer;

function markOpen() {
  const sender = find("#conversation[data-sender]")?.dataset.sender;
  for (const link of all("#strangers .row-link")) {
    if (link.closest("li").id === `stranger_${sender}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const open = openCustomer();
  for (const link of all("#rows [data-customer]")) {
    if (link.dataset.customer === open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// ---- Rows. What changes in place is changed at once; what would move the list waits for the reader.
const changed = new Set();
const fresh = new Set();
let rowTimer;
const MANY = 8;
const MOVES = new Set(["message.received", "message.queued", "conversation.moved"]);
const FOLLOWED = /^(message|conversation|call|promise|payment|payment_report|debt|customer|alert|pause|note)\./;
const WHOLE = new Set(["reset", "clock.moved", "day.rolled", "customers.imported", "unknown_sender.linked"]);

const row = (customer) => document.getElementById(`row_${customer}`);
const isCalm = () => {
  const rows = find("#rows");
  return rows && rows.scrollTop < 8 && !rows.matches(":hover") && !rows.contains(document.activeElement);
};
const query = () => find("#inbox")?.dataset.rows.split("?")[1] ?? "";

function onFact({ detail }) {
  if (!find("#inbox")) return;
  if (WHOLE.has(detail.type) || !detail.type) return offer("whole");
  if (!detail.customer || !FOLLOWED.test(detail.type)) return;
  const customer = String(detail.customer);
  if (row(customer)) changed.add(customer);
  if (MOVES.has(detail.type) && find("#rows")?.firstElementChild !== row(customer)) fresh.add(customer);
  clearTimeout(rowTimer);
  rowTimer = setTimeout(refreshRows, 100);
}

async function refreshRows() {
  const now = [...changed];
  changed.clear();
  if (now.length > MANY) offer("whole");
  else await Promise.all(now.map((customer) => swapRow(customer)));
  if (fresh.size) offer();
}

async function fetchRow(customer, filters) {
  const answer = await fetch(`/conversaciones/${customer}/fila/?${filters}`, { headers: { "HX-Request": "true" } });
  if (answer.status !== 200 || answer.redirected) return null;
  const box = document.createElement("template");
  box.innerHTML = (await answer.text()).trim();
  return box.content.firstElementChild;
}

async function swapRow(customer) {
  const made = await fetchRow(customer, "");
  const old = row(customer);
  if (!made || !old) return;
  const link = find("a", made);
  const kept = find("a", old);
  link.setAttribute("href", kept.getAttribute("href"));
  link.setAttribute("hx-get", kept.getAttribute("hx-get"));
  const focused = old.contains(document.activeElement);
  old.replaceWith(made);
  htmx.process(made);
  markOpen();
  if (focused) link.focus();
}

let isWhole = false;

function offer(what) {
  if (what === "whole") isWhole = true;
  if (isCalm()) return settle();
  const pill = find("#inbox-news");
  if (!pill) return;
  const n = fresh.size;
  pill.textContent = n > 1 ? pill.dataset.many.replace("%n", n) : pill.dataset.one;
  pill.hidden = !n;
}

async function settle() {
  if (isWhole || fresh.size > MANY) return reload();
  const rows = find("#rows");
  const wanted = [...fresh];
  fresh.clear();
  const pill = find("#inbox-news");
  if (pill) pill.hidden = true;
  const made = (await Promise.all(wanted.map((customer) => fetchRow(customer, query())))).filter(Boolean);
  made.sort((one, other) => one.dataset.at.localeCompare(other.dataset.at));
  for (const each of made) {
    document.getElementById(each.id)?.remove();
    find(".empty", rows)?.remove();
    rows.prepend(each);
    htmx.process(each);
  }
  markOpen();
}

function reload() {
  isWhole = false;
  fresh.clear();
  const list = find("#inbox");
  if (list) htmx.ajax("GET", list.dataset.rows, { source: list, target: list, swap: "outerHTML" });
}

document.body.addEventListener("live:change", onFact);
document.body.addEventListener("live:poll", () => offer("whole"));
document.addEventListener("click", (event) => {
  if (!event.target.closest("#inbox-news")) return;
  find("#rows").scrollTop = 0;
  if (isWhole || fresh.size > MANY) reload();
  else settle();
});
document.addEventListener("pointerout", (event) => {
  if (!event.target.closest?.("#rows") || !(fresh.size || isWhole)) return;
  wait(400).then(() => (fresh.size || isWhole) && isCalm() && settle());
});

// ---- The rail's badge says what the tab says.
function copyBadge() {
  const badge = find('[data-badge="inbox"]');
  const count = find("#inbox-count")?.textContent.trim();
  if (badge && count !== undefined && badge.textContent !== count) badge.textContent = count === "0" ? "" : count;
}

document.body.addEventListener("htmx:afterSettle", () => {
  copyBadge();
  markOpen();
});

// ---- A popover gives the focus to its first field.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("details.menu[open]")) find("input:not([type=hidden]), select", target)?.focus();
}, true);

// ---- Esc leads back to the list, Enter on a focused row is the link's own.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || find("dialog[open]")) return;
  if (event.target.closest("details[open], textarea, input, select")) return;
  const panel = find("#panel.is-open");
  const back = find("[data-back]");
  if (panel) panel.classList.remove("is-open");
  else if (back?.getClientRects().length) back.click();
  else find("#rows [aria-current]")?.focus();
});

markOpen();
