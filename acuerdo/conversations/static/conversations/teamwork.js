// Working together: says where this tab is, shows who else is there, and lets go at once of a customer
// who passed to somebody else.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const BEAT = 20_000;
const TYPING_EVERY = 3000;
const STILL_TYPING = 5000;
const ROWS_AFTER = 1500;
const tab = [...crypto.getRandomValues(new Uint8Array(8))].map((each) => each.toString(16).padStart(2, "0")).join("");
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? find("[name=csrfmiddlewaretoken]")?.value ?? "";

// ---- Where this tab is
let here;
let saidTyping = 0;
let typedAt = 0;

async function say(address, ...words) {
  const form = new FormData();
  form.set("tab", tab);
  for (const word of words) form.set(word, "1");
  const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
  const options = { method: "POST", body: form, headers, keepalive: true, redirect: "manual" };
  const answer = await fetch(address, options).catch(() => null);
  if (answer?.status === 404 && address === here) lose(openCustomer());
}

function look() {
  const line = document.visibilityState === "visible" && find("#presence[data-speaks]");
  const now = line ? line.dataset.announce : undefined;
  if (now === here) return;
  if (here) say(here, "leaving");
  here = now;
  saidTyping = typedAt = 0;
  if (here) say(here);
}

function beat() {
  if (here) say(here, ...(Date.now() - typedAt < STILL_TYPING ? ["typing"] : []));
}

document.addEventListener("input", ({ target }) => {
  if (target.id !== "reply" || !here) return;
  typedAt = Date.now();
  if (typedAt - saidTyping < TYPING_EVERY) return;
  saidTyping = typedAt;
  say(here, "typing");
});
document.addEventListener("composer:sent", () => {
  // What was insisted on is on its way; the next message is another matter.
  find("#composer .challenge")?.remove();
  if (!saidTyping) return;
  saidTyping = typedAt = 0;
  if (here) say(here);
});
document.addEventListener("visibilitychange", look);
document.addEventListener("htmx:load", look);
window.addEventListener("pagehide", () => {
  if (here) say(here, "leaving");
  here = undefined;
});
window.addEventListener("pageshow", look);
setInterval(beat, BEAT);

// ---- Who writes is told above the box too
document.addEventListener("htmx:load", ({ detail }) => {
  const line = detail.elt.id === "presence" && find("#presence-typing");
  if (!line) return;
  const told = all("#presence.is-typing > :is(svg, span)");
  line.hidden = !told.length;
  line.replaceChildren(...told.map((each) => each.cloneNode(true)));
});

// ---- Who is in the rows of the list
let rowsTimer;
const customerOf = (link) => link.dataset.customer;
const initials = (name) => name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();

function showSoon(wait = ROWS_AFTER) {
  rowsTimer ??= setTimeout(showInRows, wait);
}

async function showInRows() {
  rowsTimer = undefined;
  const links = all("#rows [data-customer]");
  const words = find("#conversation-lost")?.dataset;
  if (!links.length || !words) return;
  const answer = await fetch(`${words.presences}?de=${links.map(customerOf).slice(0, 200)}`, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const people = await answer.json();
  for (const link of links) {
    find(".row-company", link)?.remove();
    const names = people[customerOf(link)];
    if (!names) continue;
    const mark = document.createElement("span");
    mark.className = "row-company";
    mark.title = words.here.replace("%n", names.join(", "));
    mark.innerHTML = '<span aria-hidden="true"></span><span class="sr-only"></span>';
    mark.firstChild.textContent = initials(names[0]) + (names.length > 1 ? ` +${names.length - 1}` : "");
    mark.lastChild.textContent = ` ${mark.title}`;
    find(".row-name", link)?.after(mark);
  }
}

document.body.addEventListener("live:presence.changed", ({ detail }) => {
  if (find(`#rows [data-customer="${detail.customer}"]`)) showSoon();
});
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.closest?.(".pane-list")) showSoon(100);
});

// ---- A menu of the head stays open under the hand, whatever happens meanwhile
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const menu = detail.requestConfig?.verb === "post" && detail.elt.closest("#thread-head details");
  if (menu) menu.open = false;
});
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (detail.target?.id === "thread-head" && find("#thread-head details[open]")) detail.shouldSwap = false;
});

// ---- A customer who passed to somebody else
const openCustomer = () => find("#conversation[data-customer]")?.dataset.customer;

function lose(customer) {
  for (const link of all(`#rows [data-customer="${customer}"]`)) link.closest("li")?.remove();
  const open = find(`#conversation[data-customer="${customer}"]`);
  const pane = find("#conversation-lost");
  if (!open || !pane) return;
  const words = find("#reply", open)?.value.trim();
  const made = pane.content.cloneNode(true);
  if (words) {
    find(".lost-words", made).hidden = false;
    find("textarea", made).value = words;
  }
  open.replaceWith(made);
  for (const region of all("#panel, #sheet, #dialogs")) region.replaceChildren();
  find("#panel")?.setAttribute("hidden", "");
  document.title = "Acuerdo";
  history.replaceState(null, "", pane.dataset.inbox);
  look();
}

// What asks for an open conversation again: where it is not found, it is not ours any more.
const OURS = /^\/conversaciones\/(\d+)\/(?:(?:hilo|redaccion|presencia)\/)?(?:\?|$)/;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status !== 404) return;
  const path = detail.pathInfo?.requestPath ?? "";
  const customer = detail.elt.closest?.("#panel") ? openCustomer() : path.match(OURS)?.[1];
  if (!customer) return;
  detail.shouldSwap = false;
  lose(customer);
});
document.body.addEventListener("live:customer.lost", ({ detail }) => lose(String(detail.customer)));

look();
showSoon(300);
