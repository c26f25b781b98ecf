// What a part of the page heard while it was being asked for is asked for once more.
//
// htmx keeps such a request in a queue that hangs on the element, and forgets it when the answer makes the
// element anew: a second message of the same moment would not be shown before a third.

const underWay = new WeakSet();
const wanted = new WeakSet();

const listens = (element) => element.getAttribute?.("hx-trigger")?.includes("live:");

document.addEventListener("htmx:confirm", ({ detail: { elt } }) => {
  if (underWay.has(elt)) wanted.add(elt);
});
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  if (listens(elt)) underWay.add(elt);
});
document.addEventListener("htmx:afterRequest", ({ detail: { elt } }) => {
  underWay.delete(elt);
  if (!wanted.delete(elt)) return;
  // A queue that was not lost has its turn first.
  setTimeout(() => {
    const part = elt.isConnected ? elt : document.getElementById(elt.id);
    if (part && !underWay.has(part)) htmx.ajax("GET", part.getAttribute("hx-get"), { source: part });
  });
});
