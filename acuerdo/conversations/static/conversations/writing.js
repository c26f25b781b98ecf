// While somebody writes: the draft is kept on the server, an SMS is counted, and tags are shown with
// this customer's data.

const find = (selector, root = document) => root.querySelector(selector);
const SAVE_AFTER = 600;
const COUNT_AFTER = 250;
const post = (address, form, signal) =>
  fetch(address, { method: "POST", body: form, signal, headers: { "X-CSRFToken": token(), "HX-Request": "true" } });

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

function keepSoon(composer) {
  clearTimeout(timer);
  if (!isStale) timer = setTimeout(() => keep(composer), SAVE_AFTER);
}

async function keep(composer) {
  if (!composer.isConnected) return;
  const form = new FormData(composer);
  for (const name of ["uploads", "once"]) form.delete(name);
  form.set("version", composer.dataset.version);
  running = new AbortController();
  try {
    const answer = await post(composer.dataset.saves, form, running.signal);
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return;
    const told = await answer.json();
    if (answer.ok) composer.dataset.version = told.version;
    else if (answer.status === 409) {
      isStale = true;
      say(told.error, "warn");
    }
  } catch (fault) {
    if (fault.name !== "AbortError") return;
  }
}

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.id !== "composer" || detail.requestConfig?.verb !== "post") return;
  clearTimeout(timer);
  running?.abort();
});
document.addEventListener("composer:sent", ({ target }) => {
  clearTimeout(timer);
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
  clearTimeout(timer);
  await keep(find("#composer"));
  if (!isStale) say(button.dataset.kept, "ok");
});
window.addEventListener("pagehide", () => {
  const composer = find("#composer[data-saves]");
  if (composer && timer) keep(composer);
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
    if (answer.ok && !answer.redirected) line.textContent = await answer.text();
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
    mark(composer, false);
  }
}

async function preview(composer, pane) {
  const form = new FormData();
  form.set("body", find("#reply", composer).value);
  form.set("subject", find("#reply-subject", composer)?.value ?? "");
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await post(pane.dataset.previews, form, asked.signal);
    if (!answer.ok || answer.redirected) return;
    pane.innerHTML = await answer.text();
    mark(composer, Boolean(find("[data-stops]", pane)));
  } catch (fault) {
    if (fault.name !== "AbortError") pane.replaceChildren();
  }
}

// What has no value is not sent; the server refuses it too, with the same words.
function mark(composer, isStopped) {
  composer.toggleAttribute("data-stopped", isStopped);
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
  const composer = target.closest?.("#composer[data-saves]");
  if (!composer || !target.matches("#reply, #reply-subject")) return;
  keepSoon(composer);
  countSoon(composer);
  previewSoon(composer);
});
document.addEventListener("htmx:load", () => {
  const composer = find("#composer[data-saves]");
  if (!composer) return;
  if (find("#reply-count", composer)) countSoon(composer);
  if (find("#reply", composer)) previewSoon(composer);
});
