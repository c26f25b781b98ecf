// The thread: at its end it follows, elsewhere it stays and says that there is more. Pictures open
// large, a quotation leads to what it quotes, a letter shows its pictures when asked.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const END = 60;
// The thread grows upwards from its end (thread.css): a reader there stays there by the layout itself.
// Everywhere else it is read where they are at the moment before something is put in, and kept.
let place = null;
// How the thread was before an answer was put in: another one may come before the first has settled.
const befores = new WeakMap();

function isAtEnd(thread) {
  const below = thread.lastElementChild.getBoundingClientRect().bottom - thread.getBoundingClientRect().bottom;
  return below < END && Boolean(find("#latest"));
}

// Entries lie below one another: half of those left are put aside at each look.
function firstSeen(thread) {
  const entries = all("[data-entry]", thread);
  const top = thread.getBoundingClientRect().top;
  let low = 0;
  let high = entries.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle].getBoundingClientRect().bottom > top) high = middle;
    else low = middle + 1;
  }
  const entry = entries[low];
  return entry && { id: entry.id, offset: entry.getBoundingClientRect().top - top };
}

function remember() {
  const thread = find("#thread");
  place = thread && { isEnd: isAtEnd(thread), anchor: firstSeen(thread) };
  // What is swapped in comes in the same turn; a later turn has to look again.
  queueMicrotask(() => (place = null));
}

function restore() {
  const thread = find("#thread");
  hideRepeatedDays();
  if (!thread || !place) return;
  if (place.isEnd) return toEnd();
  const entry = place.anchor && document.getElementById(place.anchor.id);
  if (entry) thread.scrollTop += entry.getBoundingClientRect().top - thread.getBoundingClientRect().top - place.anchor.offset;
}

function toEnd() {
  const thread = find("#thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
}

const lastEntry = () => all("#latest [data-entry]").at(-1)?.id;
// Narrowed, or in the past: what was just written would not be seen there.
const isElsewhere = () => !find("#latest") || Boolean(find(".thread-tools .chip-filter"));

function hideRepeatedDays() {
  let last = "";
  for (const day of all("#thread .day")) {
    day.hidden = day.dataset.day === last;
    last = day.dataset.day;
  }
}

// A thread that came new: at the day that was asked for or at an entry; else it begins at its end.
function land() {
  const thread = find("#thread");
  if (!thread) return;
  const wanted = thread.dataset.land && find(`[data-day="${thread.dataset.land}"]`, thread);
  const named = location.hash.startsWith("#entry_") && document.getElementById(location.hash.slice(1));
  if (wanted) thread.scrollTop += wanted.getBoundingClientRect().top - thread.getBoundingClientRect().top - 8;
  if (named && thread.contains(named)) jump(named.id);
}

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const thread = find("#thread");
  if (!thread) return;
  remember();
  const isPast = Boolean(detail.target?.matches?.("[data-older], [data-newer]"));
  const kind = find("#thread-kinds[open] input:focus")?.value;
  befores.set(detail.xhr, { isPast, kind, isEnd: place.isEnd, last: lastEntry() });
  // What is read back in from the past is no news for a screen reader.
  thread.setAttribute("aria-live", isPast ? "off" : "polite");
});
document.body.addEventListener("htmx:oobBeforeSwap", remember);
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) document.body.addEventListener(name, restore);

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!find("#thread")) return;
  hideRepeatedDays();
  const before = befores.get(detail.xhr);
  if (["conversation", "timeline"].includes(detail.elt?.id)) {
    land();
    if (before?.kind) keepKinds(before.kind);
  } else if (isWritten(detail)) seeWritten();
  else if (before && !before.isPast && !before.isEnd && lastEntry() && lastEntry() !== before.last) {
    find("#thread-news").hidden = false;
  }
});

const isWritten = ({ requestConfig: asked, xhr }) =>
  asked?.verb === "post" && xhr.status < 300 && /\/(mensajes|notas)\/$/.test(asked.path);

// Several kinds are ticked one after the other: the menu stays where it was.
function keepKinds(kind) {
  find("#thread-kinds").open = true;
  find(`#thread-kinds input[value="${kind}"]`)?.focus();
}

// Whoever has just written wants to see it, wherever they were.
function seeWritten() {
  if (isElsewhere()) toLatest();
  else toEnd();
}

function toLatest() {
  const customer = find("#conversation")?.dataset.customer;
  const address = `/conversaciones/${customer}/historial/`;
  if (customer) htmx.ajax("GET", address, { target: "#timeline", swap: "outerHTML" });
}

// A little above the end is the end for who reads there, but not for the browser, which would hold on to
// what is in sight when something grows below it.
document.addEventListener("scroll", ({ target }) => {
  if (target.id !== "thread") return;
  const isEnd = isAtEnd(target);
  target.classList.toggle("is-at-end", isEnd);
  const news = find("#thread-news");
  if (isEnd && news) news.hidden = true;
}, true);

// In the past nothing is added below: only the pill says that something arrived.
document.body.addEventListener("live:change", ({ detail }) => {
  const customer = find("#conversation")?.dataset.customer;
  if (!detail?.customer || String(detail.customer) !== customer || find("#latest")) return;
  if (find("#thread-news") && detail.type === "message.received") find("#thread-news").hidden = false;
});

// ---- Quotations and pictures
function jump(id) {
  const entry = document.getElementById(id);
  if (!entry) return false;
  entry.scrollIntoView({ block: "center" });
  entry.classList.add("is-pointed-at");
  setTimeout(() => entry.classList.remove("is-pointed-at"), 1600);
  return true;
}

const pictures = () => all("#thread [data-zoom]");
let shown = null;

function zoom(link) {
  const dialog = find("#zoom");
  if (!dialog) return false;
  shown = link;
  find("img", dialog).src = link.dataset.zoom;
  find("img", dialog).alt = link.dataset.name;
  find("h2", dialog).textContent = link.dataset.name;
  find("[data-save]", dialog).href = link.dataset.zoom.split("?")[0];
  const place = pictures().indexOf(link);
  for (const [name, step] of [["[data-previous]", -1], ["[data-next]", 1]]) {
    const button = find(name, dialog);
    if (button) button.disabled = !pictures()[place + step];
  }
  dialog.classList.remove("is-large");
  document.dispatchEvent(new CustomEvent("dialog:wanted", { detail: "#zoom" }));
  return true;
}

function turn(step) {
  const next = pictures()[pictures().indexOf(shown) + step];
  if (next) zoom(next);
}

// Esc closes by itself, and the focus goes back to the picture that was looked at last.
document.addEventListener("close", ({ target }) => {
  if (target.id !== "zoom") return;
  shown?.focus({ preventScroll: true });
  shown?.scrollIntoView({ block: "nearest" });
  find("img", target).removeAttribute("src");
}, true);

document.addEventListener("keydown", (event) => {
  if (!find("#zoom")?.open || event.ctrlKey || event.metaKey || event.altKey) return;
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  turn(steps[event.key]);
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("#thread-news")) return void seeWritten();
  const quoted = event.target.closest("[data-jump]");
  if (quoted && jump(quoted.dataset.jump)) event.preventDefault();
  const picture = event.target.closest("[data-zoom]");
  if (picture && zoom(picture)) event.preventDefault();
  if (event.target.closest("#zoom [data-previous]")) turn(-1);
  if (event.target.closest("#zoom [data-next]")) turn(1);
  if (event.target.closest("#zoom [data-size]")) find("#zoom").classList.toggle("is-large");
  const letter = event.target.closest("[data-show-images]");
  if (letter) {
    event.preventDefault();
    find("iframe", letter.closest("details")).src = letter.href;
    letter.remove();
  }
});

hideRepeatedDays();
land();
