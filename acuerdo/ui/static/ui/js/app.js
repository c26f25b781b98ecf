// What every page needs: look, menus, dialogs, toasts, keys. No state that the server should know.

const YEAR = 365 * 24 * 3600;
const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const isSeen = (element) => element.getClientRects().length > 0;

// ---- What a tab keeps belongs to one person: words left unsent, the place in a list. It outlives the end
// of a session, because its owner signs in again; it goes when they sign out or somebody else comes.
const { user } = document.body.dataset;
if (user && sessionStorage.getItem("owner") !== user) {
  sessionStorage.clear();
  sessionStorage.setItem("owner", user);
}

// ---- Look: the cookie is what the server reads before the next first paint.
const LOOKS = { themeChoice: "theme", densityChoice: "density" };

function chooseLook(event) {
  for (const [data, name] of Object.entries(LOOKS)) {
    const button = event.target.closest(`[data-${name}-choice]`);
    if (!button) continue;
    event.preventDefault();
    document.documentElement.dataset[name] = button.dataset[data];
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${name}=${button.dataset[data]}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
    markLook();
    // The person's own look follows the person, so the server is told as well.
    if (button.form) fetch(button.form.action, { method: "POST", body: new FormData(button.form, button), redirect: "manual" });
  }
}

function markLook() {
  for (const [data, name] of Object.entries(LOOKS)) {
    for (const button of all(`[data-${name}-choice]`)) {
      const on = button.dataset[data] === document.documentElement.dataset[name];
      button.setAttribute("aria-current", on ? "true" : "false");
      if (!on) button.removeAttribute("aria-current");
    }
  }
}

// ---- Menus are <details>: one open at a time, closed by Esc and by a press elsewhere.
function closeMenus(except) {
  for (const menu of all("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
}

// ---- Dialogs
let opener = null;

function openDialog(dialog, by) {
  if (!dialog || dialog.open) return;
  opener = by ?? document.activeElement;
  if (dialog.id === "help") listKeys();
  dialog.showModal();
}

function closeDialog(dialog) {
  dialog?.close();
  if (opener?.isConnected) opener.focus();
}

// Without the right to the clipboard (plain http) the text stays selected, ready for Ctrl+C.
function copyFrom(input, done) {
  input.select();
  navigator.clipboard?.writeText(input.value).then(() => toast(done, "ok"), () => {});
}

function onPress(event) {
  chooseLook(event);
  closeMenus(event.target);
  const open = event.target.closest("[data-open]");
  if (open) openDialog(find(open.dataset.open), open);
  if (event.target.closest("[data-close]")) closeDialog(event.target.closest("dialog"));
  if (event.target.matches("dialog") && event.target.open) closeDialog(event.target);
  const toast = event.target.closest("[data-toast]");
  if (toast && event.target.closest("[data-toast-close], [data-undo]")) setTimeout(() => toast.remove());
  const toggle = event.target.closest("[data-toggle]");
  if (toggle) {
    // What is-open means is the width's business: a panel that stands open on wide screens is shut by it.
    const part = find(toggle.dataset.toggle);
    part?.classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", String(part?.checkVisibility() ?? false));
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) copyFrom(find(copy.dataset.copy), copy.dataset.copied);
  const password = event.target.closest("[data-reveal]");
  if (password) {
    const input = find(password.dataset.reveal);
    input.type = input.type === "password" ? "text" : "password";
    password.setAttribute("aria-pressed", String(input.type === "text"));
  }
}

// ---- Toasts: a paused pointer or focus holds them.
function watchToast(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "1";
  const life = Number(toast.dataset.seconds || 6) * 1000;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 1500) : toast.remove());
  setTimeout(leave, life);
}

export function toast(message, tone = "info") {
  const box = document.createElement("div");
  box.className = `toast toast-${tone}`;
  box.dataset.toast = "";
  box.dataset.seconds = "8";
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = message;
  box.append(words);
  find("#toasts").append(box);
  watchToast(box);
}
document.addEventListener("toast", (event) => toast(event.detail.message, event.detail.tone));

// ---- Keys. Any element with data-key="r" (or "g r") is pressed, or focused if it is a field.
let prefix = "";
let prefixTimer;
const keysAreOn = () => localStorage.getItem("keys") !== "off" && document.body.dataset.keys !== "off";
const isTyping = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio])");

function holdPrefix(key) {
  prefix = key;
  clearTimeout(prefixTimer);
  prefixTimer = setTimeout(() => (prefix = ""), 1000);
}

function press(element, { shiftKey }) {
  if (isTyping(element)) element.focus();
  // A box knows of Shift, as under the pointer: several are taken at once.
  else if (element.type === "checkbox") element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey }));
  else element.click();
}

function onKey(event) {
  if (event.key === "Escape") return onEscape(event);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return sendForm(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || !keysAreOn()) return;
  const key = event.key.toLowerCase();
  const scope = all("dialog[open]").at(-1) ?? document;
  const wanted = prefix ? `${prefix} ${key}` : key;
  const target = all(`[data-key="${CSS.escape(wanted)}"]`, scope).find(isSeen);
  if (target) {
    event.preventDefault();
    prefix = "";
    press(target, event);
  } else if (find(`[data-key^="${CSS.escape(key)} "]`, scope)) holdPrefix(key);
  else builtIn(key, event);
}

function builtIn(key, event) {
  if (key === "?") openDialog(find("#help"));
  else if (key === "z") all("[data-undo]").at(-1)?.click();
  else if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if ((key === "arrowdown" || key === "arrowup") && event.target.closest("[data-list]")) {
    event.preventDefault();
    move(key === "arrowdown" ? 1 : -1);
  }
}

function move(step) {
  const rows = all("[data-list] .row-link, [data-list] [data-row]").filter(isSeen);
  const here = rows.indexOf(document.activeElement.closest(".row-link, [data-row]"));
  const start = here >= 0 ? here : rows.findIndex((row) => row.hasAttribute("aria-current"));
  const next = rows[Math.min(Math.max(start + step, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function onEscape(event) {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) {
    menu.open = false;
    find("summary", menu).focus();
    event.preventDefault();
  } else if (isTyping(event.target) && !event.target.closest("dialog")) event.target.blur();
}

function sendForm(event) {
  const form = event.target.closest("form");
  if (!form) return;
  event.preventDefault();
  const button = event.shiftKey ? find("[data-submit-next]", form) : find("[data-submit]", form);
  form.requestSubmit(button ?? undefined);
}

function listKeys() {
  const list = find("#help-keys");
  for (const stale of all("[data-page-key]", list)) stale.remove();
  for (const element of all("[data-key][data-key-label]").filter(isSeen)) {
    const row = document.createElement("div");
    row.className = "spread";
    row.dataset.pageKey = "";
    const term = document.createElement("dt");
    term.textContent = element.dataset.keyLabel;
    const value = document.createElement("dd");
    const cap = document.createElement("kbd");
    cap.className = "key";
    cap.textContent = element.dataset.key.toUpperCase();
    value.append(cap);
    row.append(term, value);
    list.append(row);
  }
}

// ---- Registers
function onChange(event) {
  if (event.target.id === "keys-on") localStorage.setItem("keys", event.target.checked ? "on" : "off");
  const table = event.target.closest("table");
  if (table && event.target.matches("[data-select-all]")) {
    for (const box of all("tbody input[type=checkbox]", table)) box.checked = event.target.checked;
  }
}

// ---- htmx: a token that outlives a new sign-in, faults in words, a lost session without losing the draft.
const freshToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);

// The server looks at the form's own token first, and a new sign-in made another one.
function onSubmit({ target }) {
  if (target.matches("[data-sign-out]")) sessionStorage.clear();
  const token = freshToken();
  const kept = target.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && kept) kept.value = token[1];
}

function onRequest(event) {
  const token = freshToken();
  if (token) event.detail.headers["X-CSRFToken"] = token[1];
}

function beforeSwap(event) {
  const login = find('meta[name="login-url"]')?.content;
  const landed = event.detail.xhr?.responseURL;
  if (!login || !landed || new URL(landed).pathname !== login || location.pathname === login) return;
  event.detail.shouldSwap = false;
  openDialog(find("#signed-out"));
}

function onFault(event) {
  const status = event.detail.xhr?.status ?? 0;
  if (status === 0) toast(document.body.dataset.offline, "bad");
  else if (status === 429) toast(document.body.dataset.throttled, "warn");
  else if (status >= 500) toast(document.body.dataset.failed, "bad");
}

function onLoad(root) {
  for (const dialog of all("dialog[data-open-now]", root)) openDialog(dialog);
  if (root.matches?.("dialog[data-open-now]")) openDialog(root);
  for (const notice of all("[data-toast]")) watchToast(notice);
  find("[data-focus]", root)?.focus();
  find('[aria-invalid="true"]', root)?.focus();
}

document.addEventListener("session:ended", () => openDialog(find("#signed-out")));
document.addEventListener("session:back", () => find("#signed-out[open]") && closeDialog(find("#signed-out")));
document.addEventListener("click", onPress);
document.addEventListener("keydown", onKey);
document.addEventListener("change", onChange);
document.addEventListener("submit", onSubmit, true);
document.addEventListener("htmx:configRequest", onRequest);
document.addEventListener("htmx:beforeSwap", beforeSwap);
document.addEventListener("htmx:responseError", onFault);
document.addEventListener("htmx:sendError", onFault);
document.addEventListener("htmx:load", (event) => onLoad(event.detail.elt));
markLook();
onLoad(document.body);
const keysSwitch = find("#keys-on");
if (keysSwitch) keysSwitch.checked = keysAreOn();
