// Files: chosen, dropped anywhere on the conversation, or pasted. What a channel does not take is said
// before a byte leaves; the others go up at once, one by one, and show how far they are.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const MEGABYTE = 1024 * 1024;
const say = (message, tone) =>
  document.dispatchEvent(new CustomEvent("toast", { detail: { message, tone } }));
const list = () => find("#composer #reply-files");
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
let going = 0;

function fault(file, { endings, each, pictures, words }) {
  const ending = file.name.includes(".") ? `.${file.name.split(".").at(-1).toLowerCase()}` : "";
  if (!endings.split(",").includes(ending)) return words.type.replace("%name", file.name);
  const most = file.type.startsWith("image/") ? Number(pictures) : Number(each);
  return file.size > most ? words.size.replace("%name", file.name).replace("%size", most / MEGABYTE) : "";
}

function limits(box) {
  const told = box.dataset;
  return { ...told, words: { type: told.wrongType, size: told.tooLarge, number: told.tooMany } };
}

function complain(box, sentence) {
  const line = document.createElement("li");
  line.className = "error";
  line.setAttribute("role", "alert");
  line.textContent = sentence;
  box.append(line);
}

function send(files) {
  const box = list();
  if (!box || !files.length) return;
  for (const stale of all(".error", box)) stale.remove();
  const rules = limits(box);
  for (const file of files) {
    const why = fault(file, rules);
    if (why) complain(box, why);
    else if (all(".file-chip", box).length >= Number(rules.most)) return complain(box, rules.words.number);
    else upload(file, box);
  }
}

function chip(file) {
  const item = document.createElement("li");
  item.className = "file-chip is-going";
  const name = document.createElement("span");
  name.className = "ellipsis";
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.setAttribute("aria-label", file.name);
  item.append(name, bar);
  if (file.type.startsWith("image/")) {
    const reader = new FileReader();
    reader.onload = () => {
      const picture = new Image();
      picture.className = "file-thumb";
      picture.alt = "";
      picture.src = reader.result;
      item.prepend(picture);
    };
    reader.readAsDataURL(file);
  }
  return item;
}

function upload(file, box) {
  const composer = box.closest("#composer");
  const item = chip(file);
  box.append(item);
  const form = new FormData();
  form.set("channel", find("#reply-channel").value);
  form.append("uploads", file);
  const request = new XMLHttpRequest();
  request.open("POST", composer.dataset.uploads);
  request.setRequestHeader("X-CSRFToken", token());
  request.setRequestHeader("HX-Request", "true");
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) find("progress", item).value = (100 * event.loaded) / event.total;
  };
  request.onload = () => {
    const isFine = request.status === 200 && !request.responseURL.includes("/login/");
    settle(item, composer, isFine ? request.responseText : "", box.dataset.failed);
  };
  request.onerror = () => settle(item, composer, "", box.dataset.offline);
  going += 1;
  composer.setAttribute("aria-busy", "true");
  request.send(form);
}

function settle(item, composer, html, why) {
  going -= 1;
  if (!going) find("#composer")?.removeAttribute("aria-busy");
  if (html) item.insertAdjacentHTML("afterend", html);
  else say(why, "bad");
  item.remove();
  tell(composer);
}

const tell = (composer) => composer.dispatchEvent(new CustomEvent("composer:files", { bubbles: true }));

document.addEventListener("change", ({ target }) => {
  if (target.id !== "reply-uploads") return;
  const files = [...target.files];
  target.value = "";
  send(files);
});
document.addEventListener("paste", (event) => {
  if (event.target.id !== "reply" || !event.clipboardData?.files.length) return;
  event.preventDefault();
  send([...event.clipboardData.files]);
});

const overThread = (event) => event.target.closest?.("#conversation") && list();
document.addEventListener("dragover", (event) => {
  if (!overThread(event) || ![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  const pane = find("#conversation");
  pane.dataset.drop = list().dataset.limit;
  pane.classList.add("is-dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget?.closest?.("#conversation")) find("#conversation")?.classList.remove("is-dropping");
});
document.addEventListener("drop", (event) => {
  if (!overThread(event) || !event.dataTransfer.files.length) return;
  event.preventDefault();
  find("#conversation").classList.remove("is-dropping");
  send([...event.dataTransfer.files]);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-discard], [data-attach]");
  if (!button) return;
  const composer = find("#composer");
  const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
  if (button.dataset.discard) {
    fetch(button.dataset.discard, { method: "POST", headers });
    button.closest("li").remove();
    find("#reply")?.focus();
    return tell(composer);
  }
  button.closest("details").open = false;
  attach(button.dataset.attach, composer, headers);
});

// A file that the server makes: the statement of account.
async function attach(address, composer, headers) {
  const box = list();
  for (const stale of all(".error", box)) stale.remove();
  if (all(".file-chip", box).length >= Number(box.dataset.most)) return complain(box, box.dataset.tooMany);
  const body = new FormData();
  body.set("channel", find("#reply-channel").value);
  composer.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { method: "POST", body, headers });
    if (!answer.ok || answer.redirected) return say(box.dataset.failed, "bad");
    box.insertAdjacentHTML("beforeend", await answer.text());
    find("#reply")?.focus();
    tell(composer);
  } catch {
    say(box.dataset.offline, "bad");
  } finally {
    composer.removeAttribute("aria-busy");
  }
}
