"""The parts of a mail: its words, its look and its files, with a limit on each."""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import Message
from pathlib import PureWindowsPath

from acuerdo.channels.adapter import InboundFile
from acuerdo.channels.letters import headers, markup
from acuerdo.channels.letters.headers import Mail

MOST_TEXT = 200_000
MOST_FILES = 50
MOST_PARTS = 300
_DEEPEST = 200
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
# Signs that show a name in another order than it has (report.exe as exe.tropper).
_TRICKS = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A multipart that is one block has lost its boundary: what there is of it is shown.
_WORDS = {"text", "multipart"}
_SAFE_ENDINGS = {"text/plain": ".txt", "text/html": ".html", "message/rfc822": ".eml"}


@dataclass(slots=True)
class Body:
    """``inline`` tells the file of each ``cid:`` in the HTML by its place among ``files``."""

    texts: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    files: list[InboundFile] = field(default_factory=list)
    inline: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    parts: int = 0

    @property
    def text(self) -> str:
        written = "\n\n".join(text.strip() for text in self.texts if text.strip())
        return written or "\n\n".join(markup.to_text(page) for page in self.pages)

    @property
    def html(self) -> str:
        return "".join(map(markup.clean, self.pages))


def read(mail: Mail) -> Body:
    body = Body()
    _collect(mail, body, depth=0)
    return body


def _collect(part: Mail, body: Body, *, depth: int) -> None:
    content = part.get_payload()
    body.parts += 1
    if body.parts > MOST_PARTS or depth > _DEEPEST:
        if body.parts <= MOST_PARTS + 1:
            body.left_out.append("…")
        return
    if isinstance(content, list) and part.get_content_maintype() == "multipart":
        for each in content:
            if isinstance(each, Message):
                _collect(each, body, depth=depth + 1)
    elif isinstance(content, list):
        _keep(part, _embedded(content), body)
    else:
        _collect_leaf(part, _decoded(part), body)


def _collect_leaf(part: Mail, content: bytes, body: Body) -> None:
    kind = part.get_content_type()
    is_file = part.get_content_disposition() == "attachment" or bool(_name(part))
    if kind == "text/html" and not is_file:
        body.pages.append(headers.letters(content, _charset(part)))
    elif part.get_content_maintype() in _WORDS and not is_file and kind != "text/calendar":
        body.texts.append(_flowed(part, headers.letters(content, _charset(part))))
    elif content:
        _keep(part, content, body)


def _keep(part: Mail, content: bytes, body: Body) -> None:
    kind = part.get_content_type()
    name = _name(part) or "adjunto" + _SAFE_ENDINGS.get(kind, "")
    if len(body.files) >= MOST_FILES:
        body.left_out.append(name)
        return
    cid = headers.text(part, "content-id").strip("<> ")
    is_inline = bool(cid) and part.get_content_disposition() != "attachment"
    if cid:
        body.inline[cid] = len(body.files)
    file = InboundFile(name, kind if _TYPE.fullmatch(kind) else "application/octet-stream", content)
    body.files.append(
        InboundFile(file.filename, file.content_type, content, is_inline=is_inline)
        if is_inline
        else file
    )


def _decoded(part: Mail) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, binascii.Error):
        content = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return content if isinstance(content, bytes) else b""


def _embedded(content: Sequence[object]) -> bytes:
    """A whole mail within a mail, as a file."""
    mails = [each for each in content if isinstance(each, Message)]
    try:
        return b"\n".join(each.as_bytes() for each in mails)
    except (ValueError, LookupError, TypeError, AttributeError, KeyError):
        return b"\n".join(
            str(each.get_payload())[:MOST_TEXT].encode("utf-8", "replace") for each in mails
        )


def _charset(part: Mail) -> str:
    try:
        return str(part.get_param("charset") or "utf-8")
    except (ValueError, LookupError, TypeError):
        return "utf-8"


def _name(part: Mail) -> str:
    """The file's name without its folder; a program may encode it in any of four ways."""
    plain_part: Mail = Message()
    for header in ("content-disposition", "content-type"):
        for line in headers.eight_bit(part, header)[:1]:
            plain_part[header] = line
    try:
        raw = plain_part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        raw = "adjunto"
    bare = _TRICKS.sub("", headers.decoded(raw))
    return PureWindowsPath(bare).name.strip(". ")[-150:]


def _flowed(part: Mail, text: str) -> str:
    """Join the lines that ``format=flowed`` (RFC 3676) left with a space at their end."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    joined = ""
    for line in text.splitlines():
        bare = line.removeprefix(" ") if line.startswith(" ") else line
        joined += bare if bare.endswith(" ") and bare != "-- " else bare + "\n"
    return joined
