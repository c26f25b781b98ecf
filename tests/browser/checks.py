"""What every screen has to pass: accessibility rules, and a layout that hides no text."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# Text that lies outside the window, or is cut by its own box without a sign that it goes on.
# What a person can scroll to is neither.
LAYOUT = """
() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = (node) => {
    for (let up = node; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (["auto", "scroll"].includes(style.overflowX)) return true;
      if (up.closest("[data-off-screen], dialog:not([open]), [hidden]")) return true;
    }
    return false;
  };
  const hidden = (node) => {
    const style = getComputedStyle(node);
    const box = node.getBoundingClientRect();
    return style.visibility === "hidden" || style.clipPath !== "none" || style.clip !== "auto"
      || box.width <= 1 || box.height <= 1 || style.opacity === "0";
  };
  const found = [];
  if (document.documentElement.scrollWidth > wide + 1)
    found.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} > ${wide}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const owner = walker.currentNode.parentElement;
    if (!text || ["SCRIPT", "STYLE", "TEMPLATE", "OPTION", "NOSCRIPT"].includes(owner.tagName))
      continue;
    if (!owner.checkVisibility() || hidden(owner)) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (!box.width || scrolls(owner)) continue;
    const style = getComputedStyle(owner);
    const fades = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none"
      || owner.closest(".truncate, .clamp");
    if (!fades && (box.right > wide + 1 || box.left < -1))
      found.push(`off the screen: ${text.slice(0, 60)}`);
    const cuts = style.overflowX === "hidden" && owner.scrollWidth > owner.clientWidth + 1;
    if (cuts && !fades) found.push(`cut: ${text.slice(0, 60)}`);
  }
  return found.slice(0, 12);
}
"""


def accessibility(page: Page) -> list[str]:
    """One line for each rule broken, with the first place where it is."""
    return _broken(page, RULES)


def colours(page: Page) -> list[str]:
    """Of all the rules those that another theme may break."""
    return _broken(page, COLOURS)


def _broken(page: Page, rules: dict[str, Any]) -> list[str]:
    answer = Axe().run(page, options=rules).response
    return [
        f"{each['id']}: {each['help']} at {each['nodes'][0]['target']} ({len(each['nodes'])})"
        for each in answer["violations"]
    ]


def layout(page: Page) -> list[str]:
    found: list[str] = page.evaluate(LAYOUT)
    return found
