// The keys. Any element with data-key="r" (or "g r") is pressed, or focused if it is a field; inside a
// row with the focus, that row's own comes first. data-key names the key as it comes; what a person
// put in its place stands in <body data-own-keys>. The list of «?» and the command bar read the same
// attributes, so that nothing has a key that is not told, and nothing is told that is not there.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const isSeen = (element) => element.getClientRects().length > 0;
const isTyping = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio])");

// ---- What a person made of them
// The page where they are changed has them newer than the frame around it.
const mine = () => (find("#shortcuts") ?? document.body).dataset;
const own = () => JSON.parse(mine().ownKeys || "{}");
const keysAreOn = () => mine().keys !== "off";

function meaningOf(key) {
  const chosen = own();
  const named = Object.keys(chosen).find((each) => chosen[each] === key);
  return named ?? (key in chosen ? "" : key);
}

function capOf(named) {
  const [first, ...rest] = named.split(" ");
  const pressed = own()[first] ?? first;
  return pressed && [pressed, ...rest].join(" ").toUpperCase();
}

// ---- Pressing
let prefix = "";
let prefixTimer;

function holdPrefix(key) {
  prefix = key;
  clearTimeout(prefixTimer);
  prefixTimer = setTimeout(() => (prefix = ""), 1000);
}

function press(element, { shiftKey = false } = {}) {
  if (isTyping(element)) element.focus();
  // A range is chosen with Shift; on a link the same would open a window.
  else if (element.matches("[type=checkbox]")) element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey }));
  else element.click();
}

function targetOf(named, scope) {
  const found = all(`[data-key="${CSS.escape(named)}"]`, scope).filter(isSeen);
  const row = document.activeElement.closest("li, tr, [data-row]");
  return found.find((each) => row?.contains(each)) ?? found[0];
}

// A place may be gone to from everywhere, also where no link to it is on the page.
const placeOf = (named) => find(`#bar-places [data-key="${CSS.escape(named)}"]`);

function onKey(event) {
  if (event.key === "Escape") return onEscape(event);
  if (event.key === "Enter" && isSending(event)) return sendForm(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || !keysAreOn()) return;
  const scope = all("dialog[open]").at(-1) ?? document;
  const key = event.key.toLowerCase();
  const named = prefix ? `${prefix} ${key}` : meaningOf(key);
  if (!named) return;
  const target = targetOf(named, scope) ?? (prefix && placeOf(named));
  if (target) {
    event.preventDefault();
    prefix = "";
    press(target, event);
  } else if (!prefix && scope === document && find(`#bar-places [data-key^="${CSS.escape(named)} "]`)) holdPrefix(named);
  else builtIn(named, event);
}

function builtIn(named, event) {
  if (named === "?") document.dispatchEvent(new CustomEvent("dialog:wanted", { detail: "#help" }));
  else if (named === "z") all("[data-undo]").at(-1)?.click();
  else if (named === "j" || named === "k") move(named === "j" ? 1 : -1);
  else if ((named === "arrowdown" || named === "arrowup") && event.target.closest("[data-list]")) {
    event.preventDefault();
    move(named === "arrowdown" ? 1 : -1);
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

// ---- Sending: with Ctrl from any form, with Enter alone where the person asked for it.
function isSending(event) {
  if (event.ctrlKey || event.metaKey) return true;
  const { draft } = event.target.dataset;
  // A letter has paragraphs.
  const isChat = draft && !draft.endsWith("-email");
  return isChat && document.body.dataset.enter === "send" && !event.shiftKey && !event.isComposing;
}

function sendForm(event) {
  const form = event.target.closest("form");
  if (!form) return;
  event.preventDefault();
  const button = event.shiftKey ? find("[data-submit-next]", form) : find("[data-submit]", form);
  // Only a press makes its name and value part of what htmx sends.
  if (button?.name) button.click();
  else form.requestSubmit(button ?? undefined);
}

// ---- The list of «?»
function listKeys() {
  const list = find("#help-keys");
  list.replaceChildren(...actions(document).map(lineOf));
}

function lineOf(element) {
  const row = document.createElement("div");
  row.className = "spread";
  const term = document.createElement("dt");
  term.textContent = element.dataset.keyLabel;
  const value = document.createElement("dd");
  const cap = document.createElement("kbd");
  cap.className = "key";
  cap.textContent = capOf(element.dataset.key);
  if (cap.textContent) value.append(cap);
  row.append(term, value);
  return row;
}

// What can be done on the page now, each once, in the order of the page.
function actions(scope) {
  const found = all("[data-key][data-key-label]", scope).filter((each) => isSeen(each) && !each.closest("#bar"));
  return found.filter((each, place) => found.findIndex((one) => one.dataset.key === each.dataset.key) === place);
}

document.addEventListener("keydown", onKey);
document.addEventListener("dialog:opening", ({ target }) => target.id === "help" && listKeys());
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-keys-switch]")) document.body.dataset.keys = target.checked ? "on" : "off";
});
// A key is changed by pressing it: whatever is typed takes the place of what stood there.
document.addEventListener("focusin", ({ target }) => target.matches("[data-key-field]") && target.select());

// ---- The command bar: Ctrl+K from anywhere, also while typing; its button for whoever has no such key.
async function openBar() {
  const dialog = find("#bar");
  if (!dialog || dialog.open) return;
  const scope = all("dialog[open]").at(-1) ?? document;
  // Read before it covers the page.
  const offered = actions(scope).map((element) => ({
    label: element.dataset.keyLabel,
    cap: keysAreOn() ? capOf(element.dataset.key) : "",
    run: () => press(element.isConnected ? element : targetOf(element.dataset.key, scope) ?? element),
  }));
  // Before the script is there: what is typed while it comes is looked for.
  find("#bar-input", dialog).value = "";
  document.dispatchEvent(new CustomEvent("dialog:wanted", { detail: "#bar" }));
  const bar = await import(dialog.dataset.script);
  bar.show(dialog, offered, capOf);
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (!find("#bar")) return;
  event.preventDefault();
  openBar();
});
document.addEventListener("click", ({ target }) => target.closest("[data-open-bar]") && openBar());
