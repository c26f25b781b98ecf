// What the panes share: which conversation is open, the badge, the popovers, the way back.

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- The open conversation, marked in the list.
const openCustomer = () => find("#conversation[data-customer]")?.dataset.customer;

function markOpen() {
  const sender = find("#conversation[data-sender]")?.dataset.sender;
  for (const link of all("#strangers .row-link")) {
    if (link.closest("li").id === `stranger_${sender}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const open = openCustomer();
  for (const link of all("#rows [data-customer]")) {
    if (link.dataset.customer === open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// ---- Who was open lately: numbers only, by person. The command bar asks the server for the names.
const MOST_RECENT = 8;

function rememberOpen() {
  const open = openCustomer();
  const key = `recent-${document.body.dataset.user}`;
  const before = (localStorage.getItem(key) ?? "").split(",");
  if (!open || before[0] === open) return;
  const rest = before.filter((each) => each && each !== open);
  localStorage.setItem(key, [open, ...rest].slice(0, MOST_RECENT).join());
}

// ---- The rail's badge says what the tab says.
function copyBadge() {
  const badge = find('[data-badge="inbox"]');
  const count = find("#inbox-count")?.textContent.trim();
  if (badge && count !== undefined && badge.textContent !== count) badge.textContent = count === "0" ? "" : count;
}

document.body.addEventListener("htmx:afterSettle", () => {
  copyBadge();
  markOpen();
  rememberOpen();
});
document.addEventListener("rows:changed", markOpen);

// ---- A popover gives the focus to its first field.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("details.menu[open]")) find("input:not([type=hidden]), select", target)?.focus();
}, true);

// ---- Esc leads back to the list, Enter on a focused row is the link's own.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || find("dialog[open]")) return;
  if (event.target.closest("details[open], textarea, input, select")) return;
  const panel = find("#panel.is-open");
  const back = find("[data-back]");
  if (panel) panel.classList.remove("is-open");
  else if (back?.getClientRects().length) back.click();
  else find("#rows [aria-current]")?.focus();
});

markOpen();
rememberOpen();
