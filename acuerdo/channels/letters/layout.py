"""The plain look of a letter that nobody designed: paragraphs, readable on any screen."""

import re
from html import escape

# A line as long as this was broken by an editor or a file, not by somebody who meant it.
FOLDED_FROM = 60
_OWN_LINE = re.compile(r"\s*([-*•–·]|\d{1,2}[.)]|>)\s")
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")

_PAGE = (
    '<!DOCTYPE html><html lang="es"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{title}</title></head>"
    '<body style="margin:0;padding:0;background:#ffffff">'
    "{content}</body></html>"
)
_TEXT = (
    '<div style="max-width:36em;margin:0 auto;padding:24px 16px;'
    "font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;"
    'font-size:16px;line-height:1.5;color:#1f2328">{}</div>'
)
_PARAGRAPH = '<p style="margin:0 0 1em">{}</p>'
_FOOT = (
    '<p style="max-width:36em;margin:0 auto;padding:0 16px 24px;'
    'font:13px/1.5 Helvetica,Arial,sans-serif;color:#57606a">'
    '<a href="{url}" style="color:#57606a">{words}</a></p>'
)


def fold(text: str) -> str:
    """``text`` without the line breaks that a file put into its paragraphs."""
    return "\n\n".join("\n".join(lines) for lines in _paragraphs(text))


def page(text: str, *, title: str, foot: tuple[str, str] = ("", "")) -> str:
    """``text`` as a whole HTML document, with nothing in it that a client would block.

    ``foot`` is an address and the words that lead there.
    """
    content = "".join(
        _PARAGRAPH.format("<br>".join(_linked(line) for line in lines))
        for lines in _paragraphs(text)
    )
    return document(_TEXT.format(content), title=title, foot=foot)


def document(content: str, *, title: str, foot: tuple[str, str] = ("", "")) -> str:
    """A fragment of HTML as a document."""
    url, words = foot
    if url:
        content += _FOOT.format(url=escape(url), words=escape(words))
    return _PAGE.format(title=escape(title), content=content)


def _paragraphs(text: str) -> list[list[str]]:
    """Lines as they were meant: short ones stay, long ones run on."""
    found: list[list[str]] = [[]]
    runs_on = False
    for line in (each.rstrip() for each in text.strip().splitlines()):
        if not line:
            found.append([])
        elif runs_on and found[-1] and not _OWN_LINE.match(line):
            found[-1][-1] += " " + line.lstrip()
        else:
            found[-1].append(line)
        runs_on = len(line) >= FOLDED_FROM
    return [lines for lines in found if lines]


def _linked(line: str) -> str:
    pieces, last = [], 0
    for match in _LINK.finditer(line):
        pieces.append(escape(line[last : match.start()]))
        url = escape(match[0])
        pieces.append(f'<a href="{url}">{url}</a>')
        last = match.end()
    return "".join(pieces) + escape(line[last:])
