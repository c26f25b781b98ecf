"""HTML that strangers write: made harmless when it is stored, and read as plain text.

Pictures elsewhere keep their address, for whoever shows the letter to block or load: it
is cleaned once more then.
"""

import re
from html.parser import HTMLParser

import nh3

MOST = 500_000
TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd",
    "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
    "ins", "li", "ol", "p", "pre", "s", "small", "span", "strike", "strong", "sub", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"align", "dir", "lang", "valign"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "td": {"colspan", "rowspan", "width", "height", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "bgcolor"},
    "ol": {"start"},
}
SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_LINES = {
    "address", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3",
    "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tr", "ul",
}  # fmt: skip
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)[^<>]*>?")
_NEVER_CLOSED = {
    "area", "base", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "o:p",
    "option", "p", "source", "td", "th", "tr", "tbody", "thead", "wbr",
}  # fmt: skip
# A hundred tables within each other are normal for what some programs write.
_DEEPEST = 600
_APART = {"p", "h1", "h2", "h3", "h4", "ul", "ol", "table", "blockquote"}


def clean(html: str) -> str:
    """Harmless HTML; nothing where it is nested as no letter is, since that takes minutes."""
    if _is_absurd(html):
        return ""
    return nh3.clean(
        html[:MOST],
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def to_text(html: str) -> str:
    """What a person reads in ``html``; quoted letters keep the sign of a quotation."""
    if _is_absurd(html):
        return " ".join(_TAG.sub(" ", html[:MOST]).split())
    reader = _Reader()
    # Cleaned first: the reader is fast only on well-formed input, and scripts are no text.
    reader.feed(clean(html))
    reader.close()
    return reader.text()


def _is_absurd(html: str) -> bool:
    depth = deepest = 0
    for match in _TAG.finditer(html[:MOST]):
        if match[2].lower() not in _NEVER_CLOSED:
            depth = max(0, depth + (-1 if match[1] else 1))
            deepest = max(deepest, depth)
    return deepest > _DEEPEST


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = [""]
        self._quotes = 0
        self._link = ""
        self._shown = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quotes += 1
        self._break(tag)
        if tag == "li":
            self._lines[-1] += "- "
        if tag == "a":
            self._link, self._shown = dict(attrs).get("href") or "", ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        if tag in {"td", "th"}:
            self._lines[-1] += " "
        if tag == "a":
            self._show_link()
        self._break(tag)

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words:
            line = self._lines[-1]
            glue = " " if data[:1].isspace() and line and not line.endswith(" ") else ""
            tail = " " if data[-1:].isspace() else ""
            self._lines[-1] = (line or "> " * min(self._quotes, 5)) + glue + words + tail
            self._shown += words

    def _break(self, tag: str) -> None:
        if tag in _LINES:
            if self._lines[-1].strip() or tag == "br":
                self._lines.append("")
            if tag in _APART and len(self._lines) > 1 and self._lines[-2].strip():
                self._lines.append("")

    def _show_link(self) -> None:
        target = self._link.removeprefix("mailto:").removeprefix("tel:")
        if target and target.rstrip("/") not in self._shown:
            self._lines[-1] += f" ({target})"
        self._link = ""

    def text(self) -> str:
        lines: list[str] = []
        for line in (each.rstrip() for each in self._lines):
            if line or (lines and lines[-1]):
                lines.append(line)
        return "\n".join(lines).strip()
