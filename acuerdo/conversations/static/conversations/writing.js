// While somebody writes: the draft is kept on the server, an SMS is counted, and tags are shown with
// this customer's data.

const find = (selector, root = document) => root.querySelector(selector);
const SAVE_AFTER = 600;
const COUNT_AFTER = 250;

// The form's own token is older than the cookie's where somebody signed in again in another tab.
function post(address, form, more = {}) {
  form.delete("csrfmiddlewaretoken");
  return fetch(address, { method: "POST", body: form, headers: { "X-CSRFToken": token(), "HX-Request": "true" }, ...more });
}

function token() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? find("[name=csrfmiddlewaretoken]")?.value ?? "";
}

function say(message, tone) {
  document.dispatchEvent(new CustomEvent("toast", { detail: { message, tone } }));
}

// ---- The draft
let timer;
let running;
let isStale = false;
let isTold = false;

function waitNoMore() {
  clearTimeout(timer);
  timer = undefined;
}

function keepSoon(composer) {
  waitNoMore();
  if (!isStale && composer.dataset.saves) timer = setTimeout(() => keep(composer), SAVE_AFTER);
}

async function keep(composer, more = {}) {
  waitNoMore();
  if (!composer.isConnected) return;
  const form = new FormData(composer);
  for (const name of ["uploads", "once"]) form.delete(name);
  form.set("version", composer.dataset.version);
  running = new AbortController();
  try {
    const answer = await post(composer.dataset.saves, form, { signal: running.signal, ...more });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    const told = isJson ? await answer.json() : {};
    if (answer.ok && isJson) kept(composer, form.get("body"), told.version);
    else if (answer.status === 409) {
      isStale = true;
      say(told.error, "warn");
    } else unkept(composer, answer);
  } catch {
    // Without a line the banner speaks, and the tab still has the words.
  }
}

function kept(composer, words, version) {
  isTold = false;
  composer.dataset.version = version;
  composer.dispatchEvent(new CustomEvent("composer:kept", { bubbles: true, detail: words }));
}

function unkept(composer, answer) {
  if (answer.redirected) document.dispatchEvent(new CustomEvent("session:ended"));
  else if (!isTold) say(composer.dataset.unkept, "warn");
  isTold = true;
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.id !== "composer" || detail.requestConfig?.verb !== "post") return;
  waitNoMore();
  running?.abort();
});
document.addEventListener("composer:sent", ({ target }) => {
  waitNoMore();
  running?.abort();
  isStale = false;
  countSoon(target);
  previewSoon(target);
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id === "composer" || detail.target?.id === "conversation") isStale = false;
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-keep-draft]");
  if (!button) return;
  await keep(find("#composer"));
  if (!isStale && !isTold) say(button.dataset.kept, "ok");
});
window.addEventListener("pagehide", () => {
  const composer = find("#composer[data-saves]");
  // Only what waits to be kept: the empty box of what was sent is no draft.
  if (composer && timer) keep(composer, { keepalive: true });
});

// A file came or went: the draft names it.
document.addEventListener("composer:files", ({ target }) => keepSoon(target));

// ---- The clock of the provider's window
function tick() {
  const chip = find("#reply-window[data-seconds]");
  if (!chip) return;
  chip.dataset.until ??= Date.now() + Number(chip.dataset.seconds) * 1000;
  const minutes = Math.floor((Number(chip.dataset.until) - Date.now()) / 60_000);
  const time = minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const words = minutes < 0 ? chip.dataset.closed : chip.dataset.words.replace("%t", time);
  const shown = find("[data-left]", chip);
  if (shown.textContent !== words) shown.textContent = words;
  if (minutes < 240) chip.classList.replace("chip-ok", "chip-warn");
}
document.addEventListener("htmx:load", tick);
setInterval(tick, 30_000);

// What is chosen in an open menu, or changed of a scheduled message, is not taken away by news.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (detail.target?.id !== "reply-send") return;
  if (find("#later[open]") || find("#reply-box")?.value === "edit") detail.shouldSwap = false;
});
// News for a box that is not there any more is asked for again.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const asked = detail.elt.id === "latest" && detail.requestConfig?.parameters;
  if (!asked || !find("#reply-box")) return;
  if (asked.box === find("#reply-box").value && asked.channel === find("#reply-channel").value) return;
  detail.shouldSwap = false;
  document.body.dispatchEvent(new CustomEvent("live:poll"));
});

// ---- SMS
let counting;

function countSoon(composer) {
  const line = find("#reply-count", composer);
  clearTimeout(counting);
  if (line) counting = setTimeout(() => count(composer, line), COUNT_AFTER);
}

async function count(composer, line) {
  const form = new FormData();
  form.set("body", find("#reply", composer).value);
  try {
    const answer = await post(line.dataset.counts, form);
    if (answer.redirected || !(answer.ok || answer.status === 422)) return;
    line.textContent = await answer.text();
    line.classList.toggle("error", !answer.ok);
    mark(composer, "length", !answer.ok);
  } catch {
    line.textContent = "";
  }
}

// ---- Tags: marked behind the text, and shown as they will read
const TAGS = /(\{\{.*?\}\})/;

// What lies behind the text is never read aloud, and has the text only to take the same room.
function paint(area) {
  const behind = find(".marked-behind", area.parentElement);
  if (!behind) return;
  const pieces = area.value.split(TAGS).map((piece) => {
    if (!TAGS.test(piece)) return piece;
    const mark = document.createElement("mark");
    mark.textContent = piece;
    return mark;
  });
  behind.replaceChildren(...pieces, "\n");
  behind.scrollTop = area.scrollTop;
}
document.addEventListener("scroll", ({ target }) => {
  if (target.id === "reply") find(".marked-behind", target.parentElement)?.scrollTo(0, target.scrollTop);
}, true);

const TAG = /\{\{.*?\}\}/;
let previewing;
let asked;

function previewSoon(composer) {
  const pane = find("#reply-preview", composer);
  if (!pane) return;
  paint(find("#reply", composer));
  clearTimeout(previewing);
  const told = find("#reply-subject", composer)?.value ?? "";
  if (TAG.test(find("#reply", composer).value + told)) previewing = setTimeout(() => preview(composer, pane), COUNT_AFTER);
  else {
    asked?.abort();
    pane.replaceChildren();
    mark(composer, "tags", false);
  }
}

async function preview(composer, pane) {
  const form = new FormData();
  form.set("body", find("#reply", composer).value);
  form.set("subject", find("#reply-subject", composer)?.value ?? "");
  const body = form.get("body");
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await post(pane.dataset.previews, form, { signal: asked.signal });
    if (!answer.ok || answer.redirected) return;
    pane.innerHTML = await answer.text();
    pane.dataset.of = body;
    mark(composer, "tags", Boolean(find("[data-stops]", pane)));
  } catch (fault) {
    if (fault.name !== "AbortError") pane.replaceChildren();
  }
}

// What has no value or is too long is not sent; the server refuses it too, with the same words.
function mark(composer, reason, isTrue) {
  const reasons = new Set((composer.dataset.stopped ?? "").split(" ").filter(Boolean));
  if (isTrue) reasons.add(reason);
  else reasons.delete(reason);
  const isStopped = reasons.size > 0;
  if (isStopped) composer.dataset.stopped = [...reasons].join(" ");
  else delete composer.dataset.stopped;
  for (const button of composer.querySelectorAll("[data-submit], [data-submit-next], [name=at_moment]")) {
    button.setAttribute("aria-disabled", String(isStopped));
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#composer[data-stopped]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  find("#reply")?.focus();
}, true);

document.addEventListener("input", ({ target }) => {
  const composer = target.closest?.("#composer");
  if (!composer || !target.matches("#reply, #reply-subject")) return;
  keepSoon(composer);
  countSoon(composer);
  previewSoon(composer);
});
document.addEventListener("htmx:load", () => {
  const composer = find("#composer");
  if (!composer) return;
  if (find("#reply-count", composer)) countSoon(composer);
  if (find("#reply", composer)) previewSoon(composer);
});
