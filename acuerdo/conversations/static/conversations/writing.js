// While somebody writes: the draft is kept on the server, files go up at once, an SMS is counted,
// «/» at the start of a word opens the templates.

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
  form.delete("uploads");
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
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id === "composer" || detail.target?.id === "conversation") isStale = false;
});
window.addEventListener("pagehide", () => {
  const composer = find("#composer[data-saves]");
  if (composer && timer) keep(composer);
});

// ---- Files: chosen, dropped or pasted
async function upload(files) {
  const composer = find("#composer[data-uploads]");
  const list = composer && find("#reply-files", composer);
  if (!list || !files.length) return;
  const form = new FormData();
  form.set("channel", find("#reply-channel").value);
  for (const file of files) form.append("uploads", file);
  composer.setAttribute("aria-busy", "true");
  try {
    const answer = await post(composer.dataset.uploads, form);
    if (!answer.ok || answer.redirected) return say("No se pudo subir el archivo.", "bad");
    for (const stale of list.querySelectorAll(".error")) stale.remove();
    list.insertAdjacentHTML("beforeend", await answer.text());
    keepSoon(composer);
  } catch {
    say("No hay conexión. El archivo no se subió.", "bad");
  } finally {
    composer.removeAttribute("aria-busy");
  }
}

document.addEventListener("change", ({ target }) => {
  if (target.id !== "reply-uploads") return;
  const files = [...target.files];
  target.value = "";
  upload(files);
});
document.addEventListener("paste", (event) => {
  if (event.target.id !== "reply" || !event.clipboardData?.files.length) return;
  event.preventDefault();
  upload([...event.clipboardData.files]);
});
const overThread = (event) => event.target.closest?.("#conversation") && find("#reply-files");
document.addEventListener("dragover", (event) => {
  if (!overThread(event) || ![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  find("#conversation").classList.add("is-dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget?.closest?.("#conversation")) find("#conversation")?.classList.remove("is-dropping");
});
document.addEventListener("drop", (event) => {
  if (!overThread(event) || !event.dataTransfer.files.length) return;
  event.preventDefault();
  find("#conversation").classList.remove("is-dropping");
  upload([...event.dataTransfer.files]);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-discard]");
  if (!button) return;
  post(button.dataset.discard, new FormData());
  button.closest("li").remove();
  find("#reply")?.focus();
  keepSoon(find("#composer"));
});

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

// ---- SMS and «/»
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

function openTemplates(box, event) {
  const before = box.value.slice(0, box.selectionStart);
  const picker = find("#template-picker");
  if (!picker || (before && !/\s$/.test(before))) return;
  event.preventDefault();
  picker.open = true;
}

document.addEventListener("input", ({ target }) => {
  const composer = target.closest?.("#composer[data-saves]");
  if (!composer || !target.matches("#reply, #reply-subject")) return;
  keepSoon(composer);
  countSoon(composer);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target.id === "reply") openTemplates(event.target, event);
  const list = event.target.closest?.("#template-picker[open]");
  if (!list || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const items = [find("input", list), ...list.querySelectorAll(".menu-item")];
  const here = items.indexOf(document.activeElement);
  items[Math.min(Math.max(here + (event.key === "ArrowDown" ? 1 : -1), 0), items.length - 1)]?.focus();
});
document.addEventListener("htmx:load", () => {
  const composer = find("#composer");
  if (composer && find("#reply-count", composer)) countSoon(composer);
});
