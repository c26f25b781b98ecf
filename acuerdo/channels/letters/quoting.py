"""Tells what somebody wrote now from the letter that their program put under it."""

import re

_SAID = re.compile(
    r"(?:^|\n)[ \t]*(?:"
    # Gmail, Apple and Thunderbird, on one line or folded into two.
    r"(?:El|On|Am|Em|Le)\b[^\n]{4,200}(?:\n[^\n]{0,200})?"
    r"(?:escribió|wrote|schrieb|escreveu|a écrit)\s*:"
    # Outlook, in words or as a block of headers.
    r"|-{2,}\s*(?:Mensaje original|Original Message|Mensaje reenviado|Forwarded message)\s*-{2,}"
    r"|_{10,}[ \t]*\n\s*(?:De|From):"
    r"|\*?(?:De|From):\*?[^\n]{1,200}\n\s*\*?(?:Enviado|Enviada|Fecha|Sent|Date)\b"
    r")",
    re.IGNORECASE,
)
_LONGEST = 100_000


def split(text: str) -> tuple[str, str]:
    """New words and quoted letter; a text that is nothing but a quotation stays whole."""
    places = [match.start() for match in [_SAID.search(text[:_LONGEST])] if match]
    block = _closing_block(text)
    if block is not None:
        places.append(block)
    if not places:
        return text.strip(), ""
    cut = min(places)
    said, quoted = text[:cut].strip(), text[cut:].strip()
    return (said, quoted) if said else (text.strip(), "")


def _closing_block(text: str) -> int | None:
    """Where the quoted lines begin that nothing follows: an answer between quotes stays whole."""
    lines = text.splitlines(keepends=True)
    first = len(lines)
    while first and (lines[first - 1].lstrip().startswith(">") or not lines[first - 1].strip()):
        first -= 1
    quoted = any(line.lstrip().startswith(">") for line in lines[first:])
    return sum(map(len, lines[:first])) if quoted else None
