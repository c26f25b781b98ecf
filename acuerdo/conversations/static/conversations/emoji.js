// The picker of emojis: loaded when somebody opens it, searched in Spanish without accents.

const MOST_FOUND = 120;
const MOST_RECENT = 16;
const plain = (text) => text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();

let groups;

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  const found = await answer.json();
  groups = found.map(([name, rows]) => ({
    name: name[0].toUpperCase() + name.slice(1),
    rows: rows.map(([sign, words]) => ({ sign, name: words.split("|")[0], words: plain(words) })),
  }));
}

export const all = () => groups.flatMap((group) => group.rows);

function recent() {
  try {
    const signs = JSON.parse(localStorage.getItem("emoji")) ?? [];
    return signs.map((sign) => all().find((row) => row.sign === sign)).filter(Boolean);
  } catch {
    return [];
  }
}

export function remember(sign) {
  const signs = [sign, ...recent().map((row) => row.sign).filter((each) => each !== sign)];
  localStorage.setItem("emoji", JSON.stringify(signs.slice(0, MOST_RECENT)));
}

// Words that begin a name come first: «gracias» before what only mentions it.
export function search(text) {
  const wanted = plain(text.trim()).split(/\s+/);
  const found = all().filter((row) => wanted.every((word) => row.words.includes(word)));
  const begins = (row) => (row.words.startsWith(wanted[0]) ? 0 : row.words.includes(` ${wanted[0]}`) ? 1 : 2);
  return found.sort((one, other) => begins(one) - begins(other)).slice(0, MOST_FOUND);
}

function section(name, rows) {
  const box = document.createElement("section");
  if (name) {
    const title = document.createElement("h3");
    title.className = "menu-title";
    title.textContent = name;
    box.append(title);
  }
  const grid = document.createElement("div");
  grid.className = "emoji-grid";
  for (const row of rows) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "emoji";
    button.dataset.insert = row.sign;
    button.dataset.into = "#reply";
    button.dataset.item = "";
    button.textContent = row.sign;
    button.title = row.name;
    button.setAttribute("aria-label", row.name);
    grid.append(button);
  }
  box.append(grid);
  return box;
}

export function show(menu, text) {
  const list = menu.querySelector("#emoji-list");
  const found = text.trim() ? search(text) : null;
  const last = recent();
  const shown = found
    ? [section("", found)]
    : [...(last.length ? [section(menu.dataset.recent, last)] : []), ...groups.map((group) => section(group.name, group.rows))];
  list.replaceChildren(...shown);
  list.scrollTop = 0;
  menu.querySelector("[data-none]").hidden = !found || found.length > 0;
}

export async function open(menu) {
  if (!groups) await load(menu.dataset.emoji);
  show(menu, menu.querySelector("input").value);
}
