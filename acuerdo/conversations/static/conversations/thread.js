// The thread: at its end it follows, elsewhere it stays and says that there is more. Pictures open
// large, a quotation leads to what it quotes, a letter shows its pictures when asked.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const END = 60;
const atEnd = (thread) => thread.scrollHeight - thread.scrollTop - thread.clientHeight < END;

// Whether the reader was at the end when they last scrolled: a box that grows as somebody types,
// or a picture that arrives late, must not count as scrolling away.
let sticks = true;
let before = null;
const watcher = new ResizeObserver(() => sticks && toEnd());

function toEnd() {
  const thread = find("#thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
}

function watch() {
  const thread = find("#thread");
  watcher.disconnect();
  if (!thread) return;
  watcher.observe(thread);
  for (const part of all(".thread-part", thread)) watcher.observe(part);
}

const lastEntry = () => all("#latest [data-entry]").at(-1)?.id;

function hideRepeatedDays() {
  let last = "";
  for (const day of all("#thread .day")) {
    day.hidden = day.dataset.day === last;
    last = day.dataset.day;
  }
}

document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const thread = find("#thread");
  if (!thread) return;
  before = { height: thread.scrollHeight, top: thread.scrollTop, last: lastEntry() };
  before.older = detail.target?.hasAttribute?.("data-older");
  // What is read back in from the past is no news for a screen reader.
  thread.setAttribute("aria-live", before.older ? "off" : "polite");
});

document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  const thread = find("#thread");
  if (!thread) return;
  hideRepeatedDays();
  const isNew = detail.target?.id === "conversation" || detail.elt?.id === "conversation";
  if (isNew) sticks = true;
  watch();
  if (!before || isNew) return void (before = null);
  // Whoever has just written wants to see it, wherever they were.
  if (detail.requestConfig?.verb === "post" && detail.xhr?.status < 300) sticks = true;
  if (before.older) thread.scrollTop = before.top + thread.scrollHeight - before.height;
  else if (sticks) toEnd();
  else if (lastEntry() && lastEntry() !== before.last) find("#thread-news").hidden = false;
  before = null;
});

document.addEventListener("scroll", ({ target }) => {
  if (target.id !== "thread") return;
  sticks = atEnd(target);
  const news = find("#thread-news");
  if (news && sticks) news.hidden = true;
}, true);

// ---- Quotations and pictures
function jump(id) {
  const entry = document.getElementById(id);
  if (!entry) return false;
  entry.scrollIntoView({ block: "center" });
  entry.classList.add("is-pointed-at");
  setTimeout(() => entry.classList.remove("is-pointed-at"), 1600);
  return true;
}

function zoom(link) {
  const dialog = find("#zoom");
  if (!dialog) return false;
  find("img", dialog).src = link.dataset.zoom;
  find("img", dialog).alt = link.dataset.name;
  find("h2", dialog).textContent = link.dataset.name;
  find("[data-save]", dialog).href = link.dataset.zoom.split("?")[0];
  dialog.classList.remove("is-large");
  dialog.showModal();
  return true;
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("#thread-news")) return void ((sticks = true), toEnd());
  const quoted = event.target.closest("[data-jump]");
  if (quoted && jump(quoted.dataset.jump)) event.preventDefault();
  const picture = event.target.closest("[data-zoom]");
  if (picture && zoom(picture)) event.preventDefault();
  if (event.target.closest("#zoom [data-size]")) find("#zoom").classList.toggle("is-large");
  const letter = event.target.closest("[data-show-images]");
  if (letter) {
    event.preventDefault();
    find("iframe", letter.closest("details")).src = letter.href;
    letter.remove();
  }
});

hideRepeatedDays();
watch();
toEnd();
