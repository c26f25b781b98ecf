// The list of Recibidos: it follows the stream without moving under the pointer, and keeps its place.

const find = (selector, root = document) => root.querySelector(selector);
const told = () => document.dispatchEvent(new Event("rows:changed"));

// ---- Rows. What changes in place is changed at once; what would move the list waits for the reader.
const changed = new Set();
const fresh = new Set();
let rowTimer = null;
let isMore = false;
const MANY = 8;
const MOVES = new Set(["message.received", "message.queued", "conversation.moved"]);
const FOLLOWED = /^(message|conversation|call|promise|payment|payment_report|debt|customer|alert|pause|note)\./;
const WHOLE = new Set(["reset", "clock.moved", "day.rolled", "customers.imported", "segments.recomputed", "unknown_sender.linked"]);

const row = (customer) => document.getElementById(`row_${customer}`);
const isCalm = () => {
  const rows = find("#rows");
  // A list put anew would close the menu of its orders.
  if (!rows || find("#inbox .sort-menu[open]")) return false;
  return rows.scrollTop < 8 && !rows.matches(":hover") && !rows.contains(document.activeElement);
};
const query = () => find("#inbox")?.dataset.rows.split("?")[1] ?? "";
const isNarrowed = () => !["", "q="].includes(query());
// In any other order the newest is not the first: then the list is asked for again.
const isByTime = () => !find("#inbox")?.dataset.sort;

function onFact({ detail }) {
  if (!find("#inbox")) return;
  if (WHOLE.has(detail.type) || !detail.type) return offer("whole");
  if (!detail.customer || !FOLLOWED.test(detail.type)) return;
  const customer = String(detail.customer);
  if (row(customer)) changed.add(customer);
  if (MOVES.has(detail.type) && find("#rows")?.firstElementChild !== row(customer)) fresh.add(customer);
  isMore = true;
  rowTimer ??= setTimeout(refreshRows, 100);
}

// What comes while the rows are fetched waits for them, and no stream of news puts them off.
async function refreshRows() {
  isMore = false;
  try {
    await showNews();
  } finally {
    rowTimer = isMore ? setTimeout(refreshRows, 100) : null;
  }
}

async function showNews() {
  const now = [...changed];
  changed.clear();
  if (now.length > MANY) offer("whole");
  else await Promise.all(now.map((customer) => swapRow(customer)));
  if (isNarrowed() && fresh.size <= MANY) await Promise.all([...fresh].map(dropUnlessShown));
  if (fresh.size) await offer();
}

// What the filters leave out is no news to whoever reads this list.
async function dropUnlessShown(customer) {
  if (!(await fetchRow(customer, query()))) fresh.delete(customer);
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
  putRow(made, () => old.replaceWith(made));
  told();
}

// A row put anew keeps the focus of the one before it; in a list put anew htmx does it, by the link's id.
function putRow(made, put) {
  const focused = document.getElementById(made.id)?.contains(document.activeElement);
  put();
  htmx.process(made);
  if (focused) find("a", made).focus();
}

let isWhole = false;

function offer(what) {
  if (what === "whole") isWhole = true;
  if (isCalm()) return settle();
  const pill = find("#inbox-news");
  if (!pill) return;
  const n = fresh.size;
  pill.textContent = n > 1 ? pill.dataset.many.replace("%n", n) : n ? pill.dataset.one : pill.dataset.some;
  pill.hidden = false;
}

async function settle() {
  if (isWhole || fresh.size > MANY || !isByTime()) return reload();
  const rows = find("#rows");
  const wanted = [...fresh];
  fresh.clear();
  const pill = find("#inbox-news");
  if (pill) pill.hidden = true;
  const made = (await Promise.all(wanted.map((customer) => fetchRow(customer, query())))).filter(Boolean);
  made.sort((one, other) => one.dataset.at.localeCompare(other.dataset.at));
  for (const each of made) {
    find(".empty", rows)?.remove();
    putRow(each, () => {
      document.getElementById(each.id)?.remove();
      rows.prepend(each);
    });
  }
  told();
}

function reload() {
  // What happens while a list is under way may be missing from it: then it is asked for once more.
  isWhole = Boolean(asked);
  fresh.clear();
  const list = find("#inbox");
  if (list && !asked) htmx.ajax("GET", list.dataset.rows, { source: list, target: list, swap: "outerHTML" });
}

// The list that was asked for last is the one that comes: a filter chosen while a refresh is under way wins.
let asked = null;

document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id !== "inbox") return;
  const before = asked;
  asked = detail.xhr;
  // By the request itself: who asked may be gone from the page when it ends, and be heard by nobody.
  asked.addEventListener("loadend", ({ target }) => {
    if (target !== asked) return;
    asked = null;
    if (isWhole) offer();
  });
  before?.abort();
});
document.body.addEventListener("live:change", onFact);
document.body.addEventListener("live:poll", () => offer("whole"));
document.addEventListener("click", (event) => {
  if (!event.target.closest("#inbox-news")) return;
  find("#rows").scrollTop = 0;
  settle();
});
document.addEventListener("pointerout", (event) => {
  if (!event.target.closest?.("#rows") || !(fresh.size || isWhole)) return;
  setTimeout(settleIfCalm, 400);
});
// Scrolling is heard while it is caught: it does not bubble.
document.addEventListener("scroll", ({ target }) => {
  if (target.id === "rows" && target.scrollTop < 8) settleIfCalm();
}, true);

function settleIfCalm() {
  if ((fresh.size || isWhole) && isCalm()) settle();
}

// ---- Its place. Back within the page gives the very list back; a reload fetches as far as it went.
const PLACE = "inbox-place";
const MOST_PAGES = 20;
let left = null;

document.body.addEventListener("htmx:historyCacheMiss", () => {
  const list = find("#inbox");
  left = list && { list, top: find("#rows").scrollTop };
});
document.body.addEventListener("htmx:historyRestore", () => {
  const list = find("#inbox");
  if (left && list?.dataset.rows === left.list.dataset.rows) {
    list.replaceWith(left.list);
    htmx.process(left.list);
    find("#rows").scrollTop = left.top;
    offer("whole");
  }
  left = null;
  told();
});

window.addEventListener("pagehide", () => {
  const rows = find("#rows");
  if (rows && find("#inbox")) sessionStorage.setItem(PLACE, JSON.stringify({ of: find("#inbox").dataset.rows, top: rows.scrollTop }));
});

const cameBack = () =>
  ["reload", "back_forward"].includes(performance.getEntriesByType("navigation")[0]?.type) ||
  new URL(document.referrer || location.href).pathname.startsWith("/conversaciones/");

async function takePlace() {
  const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  const rows = find("#rows");
  if (!kept?.top || !rows || kept.of !== find("#inbox")?.dataset.rows || !cameBack()) return;
  for (let page = 0; page < MOST_PAGES && rows.scrollHeight - rows.clientHeight < kept.top; page += 1) {
    const more = find(".row-more", rows);
    if (!more) break;
    const settled = new Promise((done) => rows.addEventListener("htmx:afterSettle", done, { once: true }));
    htmx.trigger(more, "more");
    await Promise.race([settled, new Promise((done) => setTimeout(done, 5000))]);
  }
  rows.scrollTop = kept.top;
}

// ---- What could not be fetched says so where it is missing, and can be asked for again.
let failed = null;

function onFault({ detail }) {
  const box = find("#inbox-fault");
  const target = detail.target;
  if (!box || !(target?.id === "inbox" || target?.closest?.("#rows"))) return;
  failed = { more: target.closest(".row-more"), path: detail.pathInfo?.requestPath };
  box.hidden = false;
}

document.body.addEventListener("htmx:sendError", onFault);
document.body.addEventListener("htmx:responseError", onFault);
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  const box = find("#inbox-fault");
  if (box && detail.target?.closest?.("#inbox")) box.hidden = true;
});
document.addEventListener("click", (event) => {
  const more = event.target.closest(".row-more a");
  if (more) {
    event.preventDefault();
    htmx.trigger(more.closest(".row-more"), "more");
  }
  if (event.target.closest("[data-clear-search]") && find("#inbox-search")) find("#inbox-search").value = "";
  if (!event.target.closest("[data-retry]") || !failed) return;
  if (failed.more?.isConnected) htmx.trigger(failed.more, "more");
  else htmx.ajax("GET", failed.path, { target: "#inbox", swap: "outerHTML" });
});

takePlace();
