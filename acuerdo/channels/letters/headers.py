"""Headers as people meant them, whatever their program wrote: no header ever raises."""

import re
from base64 import b64decode
from email.message import Message
from email.utils import getaddresses
from itertools import groupby
from operator import itemgetter

Mail = Message

LONGEST = 20_000
_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")
_BRACKETED = re.compile(r"<([^<>\s@]{1,64}@[^<>\s@]{1,190})>")
_SPACES = re.compile(r"\s+")
# What programs write that Python knows by another name, or that says nothing.
_NAMES = {
    "iso-8859-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi": "cp1252",
    "unicode-1-1-utf-7": "utf-7",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "cp-850": "cp850",
}


def text(mail: Mail, name: str) -> str:
    """The first header of that name, decoded and on one line; empty when there is none."""
    return next(iter(texts(mail, name)), "")


def texts(mail: Mail, name: str) -> list[str]:
    wanted = name.lower()
    return [decoded(str(raw)) for key, raw in mail.raw_items() if key.lower() == wanted]


def eight_bit(mail: Mail, name: str) -> list[str]:
    """Those headers on one line, with eight-bit letters read and encoded words left alone."""
    raws = [str(raw)[:LONGEST] for key, raw in mail.raw_items() if key.lower() == name]
    return [_SPACES.sub(" ", letters(_bytes(raw), "utf-8")).strip() for raw in raws]


def decoded(raw: str) -> str:
    """``raw`` without line breaks, with its encoded words and eight-bit letters read."""
    line = _SPACES.sub(" ", letters(_bytes(raw[:LONGEST]), "utf-8")).strip()
    pieces: list[str] = []
    words: list[tuple[str, bytes]] = []
    last = 0
    for word in _WORD.finditer(line):
        between = line[last : word.start()]
        # The space between two encoded words belongs to neither.
        if between.strip() or not words:
            pieces += [_joined(words), between]
            words = []
        words.append((word[1], _word_bytes(word[2], word[3])))
        last = word.end()
    return _SPACES.sub(" ", "".join([*pieces, _joined(words), line[last:]])).strip()


def _joined(words: list[tuple[str, bytes]]) -> str:
    """Words of one charset are read as one: programs cut them in the middle of a letter."""
    groups = groupby(words, key=itemgetter(0))
    return "".join(letters(b"".join(each for _, each in group), name) for name, group in groups)


def _bytes(raw: str) -> bytes:
    """The parser keeps bytes beyond ASCII as surrogates."""
    return raw.encode("utf-8", "surrogateescape")


def _word_bytes(way: str, content: str) -> bytes:
    if way in "bB":
        try:
            return b64decode(content + "=" * (-len(content) % 4))
        except ValueError:
            return content.encode()
    spaced = content.replace("_", " ").encode()
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda hexes: bytes([int(hexes[1], 16)]), spaced)


def letters(content: bytes, charset: str) -> str:
    """``content`` as text: in its charset, else UTF-8, else as old Windows wrote it."""
    named = _NAMES.get(charset.strip("\"' ").lower(), charset.strip("\"' "))
    for name in (named, "utf-8"):
        try:
            return content.decode(name).replace("\x00", "")
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace").replace("\x00", "")


def addresses(mail: Mail, *names: str) -> list[tuple[str, str]]:
    """Name and address of everybody in the headers ``names``; those without an @ are left out."""
    found: list[tuple[str, str]] = []
    for name in names:
        # Split before it is decoded: an encoded comma is part of a name.
        raws = [str(raw)[:LONGEST] for key, raw in mail.raw_items() if key.lower() == name]
        try:
            pairs = getaddresses(raws)
        except (ValueError, IndexError, AttributeError):
            continue
        if not any("@" in address for _who, address in pairs):
            # Some versions of the library give up on brackets in brackets.
            pairs = [("", address) for raw in raws for address in _BRACKETED.findall(raw)]
        found += [(decoded(who), _address(address)) for who, address in pairs]
    return [(who, address) for who, address in found if "@" in address.strip("@")]


def _address(raw: str) -> str:
    return "".join(letters(_bytes(raw), "utf-8").split())


def ids(mail: Mail, *names: str) -> list[str]:
    """The message ids in the headers ``names``, in order, angle brackets and all."""
    written = " ".join(line for name in names for line in texts(mail, name))
    return re.findall(r"<[^<>\s]{1,400}>", written)
