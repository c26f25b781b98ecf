// The menus over the composer: emojis, tags, templates. Each has a field to search and items to
// choose with the arrows; Esc gives the text its cursor back. «/» at the start of a word opens the
// templates, «:» and two letters find an emoji.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
const box = () => find("#reply");
const items = (menu) => all(`${menu.dataset.pick} :is(.menu-item, [data-item])`, menu).filter((each) => !each.hidden);

let emoji;
// The sign that opened a menu and was not written: it is, where nothing was chosen.
let owed = "";

document.addEventListener("toggle", async ({ target }) => {
  if (!target.matches?.("details[data-pick]")) return;
  if (!target.open) {
    const search = find("input", target);
    if (search.value) {
      search.value = "";
      search.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return;
  }
  if (target.id !== "emoji-menu") return;
  emoji ??= await import(target.dataset.script);
  emoji.open(target).catch(() => {
    const words = document.body.dataset.offline;
    document.dispatchEvent(new CustomEvent("toast", { detail: { message: words, tone: "bad" } }));
  });
}, true);

document.addEventListener("input", ({ target }) => {
  const menu = target.matches?.("input[type=search]") && target.closest("details[data-pick]");
  if (!menu) return;
  if (menu.id === "emoji-menu") emoji?.show(menu, target.value);
  else if (menu.hasAttribute("data-filters")) narrow(menu, plain(target.value.trim()));
});

// The list comes after what was typed fast, and after Enter.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const menu = detail.target?.closest?.("details[data-filters][open]");
  if (!menu) return;
  narrow(menu, plain(find("input", menu).value.trim()));
  if (menu.dataset.wanted === undefined) return;
  delete menu.dataset.wanted;
  items(menu)[0]?.click();
});

function narrow(menu, wanted) {
  let shown = 0;
  for (const item of all(".menu-item", menu)) {
    item.hidden = !plain(item.dataset.words).includes(wanted);
    shown += !item.hidden;
  }
  const none = find("[data-none]", menu);
  if (none) none.hidden = shown > 0;
}

// ---- What a template would say, beside the list
function showWords(item) {
  const pane = find("#template-preview");
  if (!pane) return;
  pane.hidden = !item?.dataset.preview;
  pane.textContent = item?.dataset.preview ?? "";
}
for (const kind of ["focusin", "pointerover"]) {
  document.addEventListener(kind, ({ target }) => {
    const item = target.closest?.("#insertable .menu-item");
    if (item) showWords(item);
  });
}

// ---- Keys
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function columns(menu) {
  const grid = find(".emoji-grid", menu);
  return grid ? getComputedStyle(grid).gridTemplateColumns.split(" ").length : 1;
}

function step(menu, event) {
  const list = items(menu);
  const here = list.indexOf(document.activeElement);
  const isGrid = menu.id === "emoji-menu";
  if (!isGrid && !(event.key in STEPS)) return false;
  const sideways = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (sideways && here < 0) return false;
  const by = sideways ?? STEPS[event.key] * (here < 0 || !isGrid ? 1 : columns(menu));
  if (here + by < 0 || (here < 0 && by < 0)) find("input", menu).focus();
  else list[Math.min(here + by, list.length - 1)]?.focus();
  return true;
}

function close(menu) {
  menu.open = false;
  if (owed && box()) insert(owed + find("input", menu).value);
  owed = "";
  box()?.focus();
}

function insert(words) {
  const area = box();
  area.setRangeText(words, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  const opened = event.target.id === "reply" && { "/": "#template-picker", "@": "#mention-menu" }[event.key];
  if (opened) return openBySign(event, find(opened));
  const menu = event.target.closest?.("details[data-pick][open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close(menu);
  } else if (owed && (isSending(event) || leadsNowhere(menu, event))) {
    close(menu);
  } else if (event.key.startsWith("Arrow")) {
    if (step(menu, event)) event.preventDefault();
  } else if (event.key === "Enter" && event.target.matches("input")) {
    event.preventDefault();
    const first = items(menu)[0];
    if (first) first.click();
    else if (menu.hasAttribute("data-filters")) menu.dataset.wanted = "";
  }
}, true);

// What was typed after the sign goes back into the text: with the keys that send it, and once nobody is called so.
const isSending = (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey);
const leadsNowhere = (menu, event) => event.key === " " && menu.id === "mention-menu" && !items(menu).length;

function openBySign(event, menu) {
  const area = event.target;
  const before = area.value.slice(0, area.selectionStart);
  // Spanish keyboards write @ with AltGr, which some systems tell as Ctrl and Alt.
  const isCommand = (event.ctrlKey || event.metaKey) && !event.getModifierState("AltGraph");
  if (!menu || isCommand || event.isComposing) return;
  if (before && !/\s$/.test(before)) return;
  event.preventDefault();
  owed = event.key;
  menu.open = true;
  // At once: who types fast has the next letter on the way.
  find("input", menu).focus();
}

// ---- What was chosen
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("#composer [data-insert]");
  if (!chosen) return;
  owed = "";
  if (chosen.matches(".emoji")) emoji?.remember(chosen.textContent);
  if (chosen.dataset.template) find("#reply-template").value = chosen.dataset.template;
  const subject = find("#reply-subject");
  if (subject && chosen.dataset.subject && !subject.value) subject.value = chosen.dataset.subject;
  const menu = chosen.closest("details");
  if (menu) menu.open = false;
});

// ---- «:gracias:» becomes the emoji that is called so
document.addEventListener("input", async ({ target }) => {
  if (target.id !== "reply") return;
  const before = target.value.slice(0, target.selectionStart);
  const called = before.match(/(?:^|\s):([\p{L}_]{2,30}):$/u);
  const menu = called && find("#emoji-menu");
  if (!menu) return;
  emoji ??= await import(menu.dataset.script);
  await emoji.open(menu);
  const found = emoji.search(called[1].replaceAll("_", " "))[0];
  const end = before.length;
  if (!found || target.value.slice(0, end) !== before) return;
  target.setRangeText(found.sign, end - called[1].length - 2, end, "end");
  emoji.remember(found.sign);
  target.dispatchEvent(new Event("input", { bubbles: true }));
});
