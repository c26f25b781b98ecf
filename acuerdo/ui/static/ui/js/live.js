// One stream for all tabs of the browser. Every fact {id, type, customer} becomes events on <body>:
// live:<type>, live:customer:<id>, live:<type>:<id> and live:change, once for each fact and tab.
// While the stream is down, live:poll every 15 s.

const meta = document.querySelector('meta[name="live-url"]');
const banner = document.getElementById("live-banner");
const channel = "BroadcastChannel" in window ? new BroadcastChannel("acuerdo-live") : null;
const DOWN_AFTER = 10_000;
const POLL_EVERY = 15_000;
const LONGEST_WAIT = 30_000;
// The server says something every 20 s: a line that keeps still for longer is cut, whatever it says.
const SILENT_AFTER = 50_000;
const KEPT = 500;
const OWN = new Set(["stream.open", "stream.alive"]);

// How far this tab has been told, as the stream names it.
let last = "";
let source = null;
let refused = 0;
let heardAt = 0;
let downTimer;
let pollTimer;
let againTimer;
let isDown = false;
const known = new Set();
// What the leading tab heard lately, for tabs that were being loaded meanwhile.
let recent = [];

const emit = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail }));

function isNews(fact) {
  if (!fact.id) return true;
  if (known.has(fact.id)) return false;
  known.add(fact.id);
  if (known.size > 4 * KEPT) known.delete(known.values().next().value);
  return true;
}

// A kind of news is told at most once in a while, its last one always: whoever waits for a quiet moment would
// wait for ever where something happens several times a second. live:change has each.
const TOLD_EVERY = 1000;
const EACH = new Set(["customer.lost", "presence.changed"]);
const resting = new Map();

function tell(fact) {
  const name = `live:${fact.type}`;
  if (resting.has(name)) return resting.set(name, fact);
  emit(name, fact);
  if (EACH.has(fact.type)) return;
  resting.set(name, null);
  setTimeout(() => {
    const owed = resting.get(name);
    resting.delete(name);
    if (owed) tell(owed);
  }, TOLD_EVERY);
}

function spread(fact) {
  if (!isNews(fact)) return;
  tell(fact);
  if (fact.customer) {
    // A hint changes nothing that a page shows of the customer; whoever wants it, names it.
    if (fact.id) emit(`live:customer:${fact.customer}`, fact);
    emit(`live:${fact.type}:${fact.customer}`, fact);
  }
  emit("live:change", fact);
}

// ---- Up or down. Every failed attempt says "down" again: only the first one starts the wait.
function setDown(down) {
  if (down) {
    downTimer ??= setTimeout(() => showDown(true), navigator.onLine ? DOWN_AFTER : 0);
    return;
  }
  clearTimeout(downTimer);
  downTimer = undefined;
  showDown(false);
}

function showDown(down) {
  isDown = down;
  if (banner) banner.hidden = !down;
  clearInterval(pollTimer);
  pollTimer = down ? setInterval(() => emit("live:poll", {}), POLL_EVERY) : undefined;
}

function tellState(down) {
  setDown(down);
  channel?.postMessage({ down });
}

// ---- The line itself, in the tab that leads
function connect() {
  clearTimeout(againTimer);
  source?.close();
  heardAt = Date.now();
  const address = new URL(meta.content, location.href);
  if (last) address.searchParams.set("after", last);
  // Without a place: since this page was asked for, with a second for clocks that differ.
  else address.searchParams.set("age", Math.round(performance.now()) + 1000);
  source = new EventSource(address, { withCredentials: true });
  source.onmessage = hear;
  source.onerror = onError;
}

function hear(event) {
  heardAt = Date.now();
  refused = 0;
  last = event.lastEventId || last;
  const fact = JSON.parse(event.data);
  if (fact.type === "stream.open") onOpen(fact);
  if (!OWN.has(fact.type)) {
    recent.push({ at: heardAt, fact });
    recent = recent.slice(-KEPT);
    spread(fact);
  }
  channel?.postMessage({ fact: OWN.has(fact.type) ? undefined : fact, last });
}

function onOpen({ user }) {
  tellState(false);
  document.dispatchEvent(new CustomEvent("session:back"));
  // Somebody else signed in meanwhile: this page is not theirs.
  const reader = document.body.dataset.user;
  if (reader && String(user) !== reader) location.reload();
}

function onError() {
  tellState(true);
  // A dropped stream is taken up by the browser itself; a refused one is not.
  if (source.readyState !== EventSource.CLOSED) return;
  refused += 1;
  askForSession();
  againTimer = setTimeout(connect, Math.min(1000 * 2 ** refused, LONGEST_WAIT));
}

async function askForSession() {
  const address = new URL(meta.content, location.href);
  address.searchParams.set("session", "1");
  try {
    const answer = await fetch(address, { credentials: "include" });
    if (answer.status === 401) document.dispatchEvent(new CustomEvent("session:ended"));
  } catch {
    // No line at all: the banner says so.
  }
}

function reconnect() {
  if (source) connect();
}

function watch() {
  if (source && Date.now() - heardAt > SILENT_AFTER) {
    tellState(true);
    connect();
  }
}

// ---- The other tabs
function follow() {
  channel.addEventListener("message", ({ data }) => {
    if (data.last) last = data.last;
    if (data.fact) spread(data.fact);
    if ("down" in data) setDown(data.down);
    if (data.again) reconnect();
    if (data.since && source) {
      for (const each of recent) if (each.at >= data.since) channel.postMessage({ fact: each.fact, last });
      channel.postMessage({ down: Boolean(downTimer) });
    }
  });
  channel.postMessage({ since: Date.now() - performance.now() - 1000 });
}

function refresh() {
  emit("live:poll", {});
  reconnect();
  channel?.postMessage({ again: true });
}

if (meta?.content) {
  document.addEventListener("click", (event) => event.target.closest("[data-live-refresh]") && refresh());
  window.addEventListener("online", () => (isDown ? refresh() : reconnect()));
  window.addEventListener("offline", () => setDown(true));
  window.addEventListener("focus", () => isDown && reconnect());
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => event.persisted && reconnect());
  setInterval(watch, 5000);
  if (navigator.locks && channel) {
    follow();
    // Held until the tab closes: browsers allow six streams a site over HTTP/1.1, tabs are more.
    navigator.locks.request("acuerdo-live", () => new Promise(connect));
  } else connect();
}
