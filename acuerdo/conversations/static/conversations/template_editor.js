// A press on a tag writes it where the cursor stands.
document.addEventListener("click", (event) => {
  const tag = event.target.closest("[data-insert]");
  const body = document.querySelector("[data-body]");
  if (!tag || !body) return;
  body.setRangeText(tag.dataset.insert, body.selectionStart, body.selectionEnd, "end");
  body.dispatchEvent(new Event("input", { bubbles: true }));
  body.focus();
});
