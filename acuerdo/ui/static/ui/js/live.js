// One stream for all tabs of the browser. Every event {id, type, customer} becomes events on <body>:
// live:<type>, live:customer:<id> and live:change. While the stream is down, live:poll every 15 s.

const meta = document.querySelector('meta[name="live-url"]');
const banner = document.getElementById("live-banner");
const channel = "BroadcastChannel" in window ? new BroadcastChannel("acuerdo-live") : null;
const DOWN_AFTER = 10_000;
const POLL_EVERY = 15_000;
const LONGEST_WAIT = 30_000;

let last = meta?.dataset.after ?? "";
let source = null;
let failures = 0;
let downTimer;
let pollTimer;

const emit = (name, detail) => document.body.dispatchEvent(new CustomEvent(name, { detail }));

function spread(fact) {
  last = String(fact.id ?? last);
  emit(`live:${fact.type}`, fact);
  if (fact.customer) emit(`live:customer:${fact.customer}`, fact);
  emit("live:change", fact);
}

// Every failed attempt says "down" again: only the first one starts the wait.
function setDown(down) {
  if (down) {
    downTimer ??= setTimeout(() => showDown(true), DOWN_AFTER);
    return;
  }
  clearTimeout(downTimer);
  downTimer = undefined;
  showDown(false);
}

function showDown(down) {
  if (banner) banner.hidden = !down;
  clearInterval(pollTimer);
  pollTimer = down ? setInterval(() => emit("live:poll", {}), POLL_EVERY) : undefined;
}

function tellState(down) {
  setDown(down);
  channel?.postMessage({ down });
}

function connect() {
  const address = new URL(meta.content, location.href);
  if (last) address.searchParams.set("after", last);
  source = new EventSource(address, { withCredentials: true });
  source.onopen = () => {
    if (failures) emit("live:change", {});
    failures = 0;
    tellState(false);
  };
  source.onmessage = (event) => {
    const fact = { id: event.lastEventId, ...JSON.parse(event.data) };
    spread(fact);
    channel?.postMessage({ fact });
  };
  source.onerror = () => {
    failures += 1;
    tellState(true);
    // A dropped stream is taken up by the browser itself; a refused one is not.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(connect, Math.min(1000 * 2 ** failures, LONGEST_WAIT));
    }
  };
}

function follow() {
  channel?.addEventListener("message", ({ data }) => {
    if (data.fact) spread(data.fact);
    if ("down" in data) setDown(data.down);
  });
}

if (meta?.content) {
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => event.persisted && source && connect());
  if (navigator.locks && channel) {
    follow();
    // Held until the tab closes: browsers allow six streams a site over HTTP/1.1, tabs are more.
    navigator.locks.request("acuerdo-live", () => new Promise(connect));
  } else connect();
}
