// The composer: the tab keeps the words that the server does not have yet, over a reload too. It grows with
// the text, and takes placeholders and templates.

const KEPT = "drafts";

function drafts() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
}

// What nobody saves is not the tab's to keep either, but for the change of what is written already.
const isChange = (box) => Boolean(box.closest("[data-keeps]"));
const isSaved = (box) => isChange(box) || Boolean(box.closest("[data-saves]"));

function remember(box, words) {
  if (!isSaved(box)) return;
  const all = drafts();
  if (words.trim()) all[box.dataset.draft] = words;
  else delete all[box.dataset.draft];
  sessionStorage.setItem(KEPT, JSON.stringify(all));
}

const boxes = (root) => {
  const found = [...root.querySelectorAll("textarea[data-draft]")];
  return root.matches?.("textarea[data-draft]") ? [root, ...found] : found;
};

function grow(box) {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

function begin(box) {
  const kept = isSaved(box) && drafts()[box.dataset.draft];
  if (kept) takeUp(box, kept);
  if (document.activeElement !== box) box.setSelectionRange(box.value.length, box.value.length);
  grow(box);
}

// Words of both stay, and are told as if typed, so that they are kept this time.
function takeUp(box, kept) {
  if (isChange(box) || kept.includes(box.value)) box.value = kept;
  else if (!box.value.includes(kept)) box.value += `\n${kept}`;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function keep(box) {
  remember(box, box.value);
  grow(box);
}

// A link glued to a word leads nowhere.
function apart(box, words) {
  const [before, after] = [box.value[box.selectionStart - 1] ?? " ", box.value[box.selectionEnd] ?? " "];
  return `${/\s/.test(before) ? "" : " "}${words}${/\s/.test(after) ? "" : " "}`;
}

function insert(box, words, isApart) {
  // A field for a date has no place for the cursor: it takes the whole value, and tells as if typed.
  if (box.selectionStart === null) {
    box.value = words;
    box.focus();
    for (const name of ["input", "change"]) box.dispatchEvent(new Event(name, { bubbles: true }));
    return;
  }
  box.setRangeText(isApart ? apart(box, words) : words, box.selectionStart, box.selectionEnd, "end");
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[data-draft]")) keep(event.target);
});

document.addEventListener("click", (event) => {
  const source = event.target.closest("[data-insert]");
  const box = source && document.querySelector(source.dataset.into ?? "textarea[data-draft]");
  if (!box) return;
  if (source.hasAttribute("data-replace")) box.select();
  insert(box, source.dataset.insert, source.hasAttribute("data-apart"));
});

document.addEventListener("htmx:afterRequest", (event) => {
  const box = event.detail.elt.querySelector?.("textarea[data-draft]");
  if (!box || !event.detail.successful || event.detail.requestConfig.verb !== "post") return;
  remember(box, "");
  if (box.isConnected) {
    box.value = "";
    grow(box);
  }
});

document.addEventListener("composer:kept", ({ target, detail }) => {
  for (const box of boxes(target)) if (box.value === detail) remember(box, "");
});
document.addEventListener("composer:sent", ({ target }) => {
  for (const box of boxes(target)) keep(box);
});

document.addEventListener("htmx:load", (event) => boxes(event.detail.elt).forEach(begin));
boxes(document.body).forEach(begin);
