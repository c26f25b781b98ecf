// A message is on the screen before the server has it. Each keeps the key of its form: tried again it is
// still one message. What was not taken stays, over a reload too, until it is sent or thrown away.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const KEPT = "unsent";
const words = (name) => find("#bubble-template")?.dataset[name] ?? "";
const say = (message, tone) =>
  document.dispatchEvent(new CustomEvent("toast", { detail: { message, tone } }));
const openCustomer = () => find("#conversation[data-customer]")?.dataset.customer;
// Those that this page is handing over; the others of the store were left behind by another page.
const underway = new Set();
let queue = Promise.resolve();

// ---- The store
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

function keep(entries) {
  sessionStorage.setItem(KEPT, JSON.stringify(entries));
}

const remember = (entry) => keep([...kept().filter((each) => each.key !== entry.key), entry]);
const forget = (key) => keep(kept().filter((each) => each.key !== key));

// ---- The bubble
const bubbleOf = (key) => find(`[data-pending="${CSS.escape(key)}"]`);

function outbox() {
  const thread = find("#thread > .thread-part");
  let box = find("#outbox");
  if (!box && thread) {
    box = document.createElement("div");
    box.id = "outbox";
    box.className = "thread-part";
    thread.append(box);
  }
  return box;
}

function show(entry) {
  const template = find("#bubble-template");
  if (!template || entry.customer !== openCustomer()) return null;
  let bubble = bubbleOf(entry.key);
  if (!bubble) {
    bubble = template.content.firstElementChild.cloneNode(true);
    bubble.dataset.pending = entry.key;
    find(".bubble-text", bubble).textContent = entry.words;
    const files = find(".bubble-files", bubble);
    files.hidden = !entry.files.length;
    for (const name of entry.files) {
      const line = document.createElement("li");
      line.textContent = name;
      files.append(line);
    }
    outbox().append(bubble);
    find("#thread").scrollTop = find("#thread").scrollHeight;
  }
  const failed = entry.why !== undefined;
  bubble.classList.toggle("bubble-failed", failed);
  find(".bubble-meta", bubble).hidden = failed;
  find("[data-why]", bubble).textContent = entry.why ?? "";
  find(".remedy", bubble).hidden = !failed;
  return bubble;
}

function remove(key) {
  bubbleOf(key)?.remove();
  const box = find("#outbox");
  if (box && !box.children.length) box.remove();
}

// ---- Taking the form
// With what the preview said of exactly these words; a tag is never shown as it is written.
function legible(composer, body) {
  const pane = find("#reply-preview", composer);
  const read = pane?.dataset.of === body && find("[data-read]", pane)?.textContent;
  return read || body.replace(/\{\{.*?\}\}/g, "…");
}

function taken(composer, submitter) {
  const form = new FormData(composer, submitter);
  form.delete("uploads");
  form.set("bubble", "1");
  form.set("since", find("#since")?.value ?? "");
  return {
    key: form.get("key"),
    customer: openCustomer(),
    action: composer.action,
    fields: [...form.entries()].filter(([, value]) => typeof value === "string"),
    words: [form.get("subject") ?? "", form.get("body") ?? ""].map((each) => legible(composer, each)).filter(Boolean).join("\n"),
    files: all(".file-chip > .ellipsis", composer).map((each) => each.textContent),
  };
}

function clear(composer) {
  const area = find("#reply", composer);
  area.value = "";
  for (const name of ["template", "subject", "due_at"]) {
    const field = find(`[name=${name}]`, composer);
    if (field) field.value = "";
  }
  find("[name=key]", composer).value = crypto.randomUUID?.().replaceAll("-", "") ?? `${Date.now()}${Math.random()}`.replaceAll(".", "");
  find("#reply-files", composer)?.replaceChildren();
  find(".answering", composer)?.remove();
  find("#reply-error", composer)?.remove();
  for (const menu of all("details[open]", composer)) menu.open = false;
  area.removeAttribute("aria-invalid");
  // The draft was sent: nothing of it is to be kept any more.
  composer.dispatchEvent(new CustomEvent("composer:sent", { bubbles: true }));
  area.focus();
}

// What a form lacks is said by the server, in words beside the field.
function isLacking(composer, submitter) {
  if (submitter?.name === "at_moment" && !find("[name=due_at]", composer).value) return true;
  return find("#reply-subject", composer)?.value.trim() === "";
}

// Sent by a second press of the same keys: the box has just been emptied.
const TWICE = 1500;
let sentAt = -TWICE;

document.addEventListener("submit", (event) => {
  const composer = event.target.closest?.("#composer[data-bubbles]");
  const submitter = event.submitter;
  // A button with an address of its own does something else with the text.
  if (!composer || submitter?.hasAttribute("formaction")) return;
  const entry = taken(composer, submitter);
  const isEmpty = !(entry.words.trim() || entry.files.length);
  const isTwice = isEmpty && performance.now() - sentAt < TWICE;
  if (!isTwice && (!entry.key || isEmpty || isLacking(composer, submitter))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // Files on their way would be left behind.
  if (isTwice || composer.hasAttribute("aria-busy")) return;
  sentAt = performance.now();
  remember(entry);
  show(entry);
  clear(composer);
  hand(entry);
  if (submitter?.hasAttribute("data-submit-next")) next();
}, true);

// ---- Handing it over, one after the other
function hand(entry) {
  entry.isBehind = underway.size > 0;
  underway.add(entry.key);
  queue = queue.then(() => deliver(entry)).finally(() => underway.delete(entry.key));
}

async function deliver(entry) {
  const form = new FormData();
  for (const [name, value] of entry.fields) form.append(name, value);
  // What was written right before it is no news to whoever wrote both.
  const seen = find("#seen");
  if (entry.isBehind && seen && entry.customer === openCustomer()) form.set("seen", seen.value);
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  // Somebody may have signed in again since the form was made.
  if (token) form.set("csrfmiddlewaretoken", token);
  let answer;
  try {
    answer = await fetch(entry.action, { method: "POST", body: form, headers: { "HX-Request": "true", "X-CSRFToken": token } });
  } catch {
    return fail(entry, words("offline"));
  }
  if (answer.redirected) {
    document.dispatchEvent(new CustomEvent("session:ended"));
    return fail(entry, words("signedOut"));
  }
  const html = await answer.text();
  if (answer.ok) arrived(entry, html, answer.headers.get("HX-Trigger"));
  else if (answer.status < 500 && answer.status !== 429) refused(entry, html);
  else fail(entry, words("failed"));
}

function arrived(entry, html, triggers) {
  forget(entry.key);
  if (entry.customer === openCustomer()) {
    remove(entry.key);
    htmx.swap("#thread", html, { swapStyle: "none" });
  }
  try {
    for (const [name, detail] of Object.entries(JSON.parse(triggers ?? "{}"))) {
      document.body.dispatchEvent(new CustomEvent(name, { detail }));
    }
  } catch {
    // A header that is no JSON tells nothing.
  }
}

const isEmpty = (composer) => !find("#reply", composer)?.value.trim() && !find(".file-chip", composer);

// The box shows again what was typed and what has to change, unless somebody writes in it already.
function refused(entry, html) {
  const composer = find("#composer");
  const made = new DOMParser().parseFromString(html, "text/html");
  const why = find("#reply-error, .challenge, .gate h3, h1", made)?.textContent.trim();
  if (entry.customer !== openCustomer() || !find("#composer", made) || !isEmpty(composer)) return fail(entry, why || words("failed"));
  forget(entry.key);
  remove(entry.key);
  htmx.swap("#composer", html, { swapStyle: "outerHTML" });
}

function fail(entry, why) {
  entry.why = why;
  remember(entry);
  if (!show(entry)) say(words("elsewhere") || why, "bad");
}

// ---- What may be done about it
document.addEventListener("click", (event) => {
  const bubble = event.target.closest("[data-pending]");
  if (!bubble) return;
  const entry = kept().find((each) => each.key === bubble.dataset.pending);
  if (!entry) return remove(bubble.dataset.pending);
  if (event.target.closest("[data-forget]")) {
    forget(entry.key);
    remove(entry.key);
  } else if (event.target.closest("[data-copy-words]")) {
    navigator.clipboard?.writeText(entry.words).then(() => say(words("copied"), "ok"), () => {});
  } else if (event.target.closest("[data-retry]")) {
    delete entry.why;
    show(entry);
    hand(entry);
  }
});

function next() {
  const rows = all("#rows .row-link");
  const here = rows.findIndex((row) => row.dataset.customer === openCustomer());
  const pending = (row) => row.matches(".is-pending") && row.dataset.customer !== openCustomer();
  const found = rows.slice(here + 1).find(pending) ?? rows.find(pending);
  if (found) found.click();
  else say(words("noNext"), "ok");
}

function showKept() {
  for (const entry of kept()) {
    if (entry.customer !== openCustomer()) continue;
    if (!underway.has(entry.key)) entry.why ??= words("unsure");
    show(entry);
  }
}

document.addEventListener("htmx:load", ({ detail }) => {
  if (detail.elt.id === "conversation" || detail.elt.querySelector?.("#conversation")) showKept();
});
showKept();

// ---- Taken back: what was typed since then stays below it
let since = null;

document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  if (detail.target?.id !== "composer") return;
  const area = find("#reply", detail.target);
  const isFocused = detail.target.contains(document.activeElement);
  since = { words: area?.value.trim() ?? "", files: all(".file-chip", detail.target), isFocused };
});
document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target?.id !== "composer" || !since) return;
  const area = find("#composer #reply");
  // The draft on the server may have it already.
  if (area && !area.value.includes(since.words)) area.value = [area.value, since.words].filter(Boolean).join("\n");
  const id = (chip) => find("[name=files]", chip)?.value;
  const there = new Set(all("#composer .file-chip").map(id));
  find("#composer #reply-files")?.append(...since.files.filter((chip) => !there.has(id(chip))));
  if (since.words || since.files.length) area?.dispatchEvent(new Event("input", { bubbles: true }));
  if (since.isFocused) area?.focus();
  since = null;
});
document.addEventListener("keydown", (event) => {
  const undo = all("[data-undo]").at(-1);
  const takesBack = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (!undo || !takesBack || event.target.id !== "reply" || event.target.value) return;
  event.preventDefault();
  undo.click();
});
