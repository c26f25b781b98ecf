// What every page needs: look, menus, dialogs, toasts. No state that the server should know.

const YEAR = 365 * 24 * 3600;
const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

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
const openers = new WeakMap();

function openDialog(dialog, by) {
  if (!dialog || dialog.open) return;
  openers.set(dialog, by ?? document.activeElement);
  dialog.dispatchEvent(new Event("dialog:opening", { bubbles: true }));
  dialog.showModal();
  focusFirst(dialog);
  raiseToasts();
}

// The browser takes the first button, which closes. Where a finger points, a field would call up the keyboard.
function focusFirst(dialog) {
  if (!dialog.matches(".drawer, .sheet") || find("[autofocus]", dialog) || !matchMedia("(hover: hover)").matches) return;
  const first = find(".dialog-body :is(input:not([type=hidden], [type=file], [type=radio]:not(:checked)), select, textarea)", dialog);
  first?.focus();
}

function closeDialog(dialog) {
  dialog?.close();
  const opener = openers.get(dialog);
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
// What was opened last lies on top: they are opened anew after every dialog.
function raiseToasts() {
  const box = find("#toasts");
  if (!box?.showPopover || !find("[data-toast]", box)) return;
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
}

function watchToast(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "1";
  raiseToasts();
  const life = Number(toast.dataset.seconds || 6) * 1000;
  const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 1500) : toast.remove());
  setTimeout(leave, life);
}

function toast(message, tone = "info", again = null) {
  // The same fault once more is no other news; what it offers is the latest.
  for (const same of all("#toasts [data-toast]")) if (find(".grow", same)?.textContent === message) same.remove();
  const box = document.createElement("div");
  box.className = `toast toast-${tone}`;
  box.dataset.toast = "";
  box.dataset.seconds = "8";
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = message;
  box.append(words);
  if (again) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-s";
    button.dataset.toastClose = "";
    button.textContent = document.body.dataset.again;
    button.addEventListener("click", again);
    box.append(button);
  }
  find("#toasts").append(box);
  watchToast(box);
}
document.addEventListener("toast", (event) => toast(event.detail.message, event.detail.tone));

// ---- Registers
function onChange(event) {
  const table = event.target.closest("table");
  if (table && event.target.matches("[data-select-all]")) {
    for (const box of all("tbody input[type=checkbox]", table)) box.checked = event.target.checked;
  }
}

// What a field lacked is said of its old value.
function onInput({ target }) {
  if (target.getAttribute?.("aria-invalid") !== "true") return;
  target.removeAttribute("aria-invalid");
  find(`#${CSS.escape(target.id)}_error`)?.remove();
}

// ---- htmx: a token that outlives a new sign-in, faults in words, a lost session without losing the draft.
const freshToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);

// The server looks at the form's own token first, and a new sign-in made another one.
function onSubmit({ target }) {
  if (target.matches("[data-sign-out]")) sessionStorage.clear();
  const token = freshToken();
  const kept = target.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && kept) kept.value = token[1];
  keepOnce(target);
}

// ---- Back may fetch the page of a form anew, with another token: it gets the one that it was sent with,
// so that sending it again does nothing twice. The entry of the history knows it; a new visit does not.
const onceOf = (form) => form.querySelector("input[name=once]");

function keepOnce(form) {
  const token = onceOf(form)?.value;
  if (token) history.replaceState({ ...history.state, once: { ...history.state?.once, [form.action]: token } }, "");
}

function giveOnceBack() {
  for (const form of document.forms) {
    const token = history.state?.once?.[form.action];
    if (token && onceOf(form)) onceOf(form).value = token;
  }
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

// ---- What was shown whole stays so while its mask does: the page is refreshed whenever anything happens.
function staysWhole(old, fresh) {
  const whole = old.matches?.(".value[data-masked]") ? old : old.querySelector?.(":scope > .value[data-masked]");
  return Boolean(whole) && fresh.textContent.trim() === whole.dataset.masked;
}
Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => !staysWhole(old, fresh);

// ---- A refused form comes back from the server without its files: no page may fill them in, but a list
// of files may be handed from the old field to the new one.
let chosenFiles = [];

function holdFiles({ detail }) {
  chosenFiles = detail.xhr?.status === 422 ? all(".drawer-form input[type=file]", detail.target).filter((field) => field.files.length) : [];
}

function giveFilesBack() {
  for (const old of chosenFiles) {
    const field = all(`input[type=file][name="${CSS.escape(old.name)}"]`).find((each) => each !== old && !each.files.length);
    if (field && field.closest("form")?.action === old.closest("form")?.action) field.files = old.files;
  }
  chosenFiles = [];
}

function onFault({ detail }) {
  const status = detail.xhr?.status ?? 0;
  // What asks by itself asks again by itself: the banner speaks for it.
  if (!detail.requestConfig?.triggeringEvent?.isTrusted) return;
  const words = document.body.dataset;
  if (status === 0) toast(words.offline, "bad", retry(detail));
  else if (status === 429) toast(words.throttled, "warn", retry(detail));
  else if (status >= 500) toast(words.failed, "bad", retry(detail));
}

// Only what changes nothing is asked for a second time from here; a form is still there to be sent.
function retry({ elt, requestConfig, pathInfo, target }) {
  if (requestConfig.verb !== "get") return null;
  const swap = elt.getAttribute("hx-swap") ?? "innerHTML";
  return () => {
    if (elt.isConnected && elt.matches("a, button")) elt.click();
    else htmx.ajax("GET", pathInfo.finalRequestPath, { target, swap });
  };
}

function onLoad(root) {
  for (const dialog of all("dialog[data-open-now]", root)) openDialog(dialog);
  if (root.matches?.("dialog[data-open-now]")) openDialog(root);
  for (const notice of all("[data-toast]")) watchToast(notice);
  find("[data-focus]", root)?.focus();
  find('[aria-invalid="true"]', root)?.focus();
}

document.addEventListener("dialog:wanted", ({ detail }) => openDialog(find(detail)));
document.addEventListener("session:ended", () => openDialog(find("#signed-out")));
document.addEventListener("session:back", () => find("#signed-out[open]") && closeDialog(find("#signed-out")));
document.addEventListener("click", onPress);
document.addEventListener("change", onChange);
document.addEventListener("input", onInput);
document.addEventListener("submit", onSubmit, true);
document.addEventListener("htmx:configRequest", onRequest);
document.addEventListener("htmx:beforeSwap", beforeSwap);
document.addEventListener("htmx:beforeSwap", holdFiles);
document.addEventListener("htmx:afterSwap", giveFilesBack);
document.addEventListener("htmx:responseError", onFault);
document.addEventListener("htmx:sendError", onFault);
document.addEventListener("htmx:load", (event) => onLoad(event.detail.elt));
markLook();
giveOnceBack();
onLoad(document.body);
