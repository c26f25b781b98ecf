// The sheet of a result by keyboard: a digit chooses inside the active group, the arrows change group.
// Alone it does nothing: every choice is a radio button that works without this file.

const groups = () => [...document.querySelectorAll("[data-gestion] [data-choices]")];
let active = 0;

const typing = (target) => target.matches("textarea, select, input:not([type=radio])") || target.isContentEditable;

function choose(digit) {
  const choice = groups()[active]?.querySelectorAll("input[type=radio]")[(digit || 10) - 1];
  if (!choice) return;
  choice.focus();
  if (!choice.checked) choice.click();
}

function move(step) {
  const all = groups();
  active = (active + step + all.length) % all.length;
  all[active].querySelector("input[type=radio]").focus();
}

document.addEventListener("keydown", (event) => {
  if (!groups().length || typing(event.target) || document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[0-9]$/.test(event.key)) choose(Number(event.key));
  else if (event.key === "ArrowRight") move(1);
  else if (event.key === "ArrowLeft") move(-1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("focusin", (event) => {
  const group = event.target.closest("[data-choices]");
  if (group) active = groups().indexOf(group);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-gestion-close]")) return;
  event.preventDefault();
  document.getElementById("gestion-sheet")?.remove();
});

// The row of the open call is marked, however it was opened.
function mark() {
  const open = document.getElementById("call-main")?.dataset.call;
  for (const link of document.querySelectorAll("#tray-rows [data-call]")) {
    if (link.dataset.call === open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
document.body.addEventListener("htmx:afterSettle", mark);

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "sheet") {
    active = 0;
    document.querySelector("[data-gestion] input[type=radio]:checked")?.focus();
  }
});

// ---- The tray. Calls come and go: shown at once while nobody reads the list, else offered.
const NEWS_EVERY = 1000;
let newsTimer = null;
// The list that was asked for last is the one that comes: a filter chosen while it renews itself wins.
let asked = null;
const tray = () => document.getElementById("tray");
const renew = () => asked ?? htmx.trigger("#tray", "renew");

// Not only the rows: a menu of the list that is open would close.
function isCalm(rows) {
  return rows.scrollTop < 8 && !rows.matches(":hover") && !tray().contains(document.activeElement);
}

function showNews() {
  newsTimer = null;
  const rows = document.getElementById("tray-rows");
  if (!rows) return;
  // What happens while a list is under way may be missing from it.
  if (asked) tellLater();
  else if (isCalm(rows)) renew();
  else document.getElementById("tray-news").hidden = false;
}

function tellLater() {
  if (tray()) newsTimer ??= setTimeout(showNews, NEWS_EVERY);
}

document.body.addEventListener("live:change", ({ detail }) => {
  if (!detail.type || /^(call\.|reset$|clock\.moved$|day\.rolled$)/.test(detail.type)) tellLater();
});
document.body.addEventListener("live:poll", tellLater);
document.addEventListener("click", ({ target }) => target.closest("#tray-news") && renew());
document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id !== "tray") return;
  const before = asked;
  asked = detail.xhr;
  asked.addEventListener("loadend", ({ target }) => {
    if (target === asked) asked = null;
  });
  before?.abort();
});
