"""How many SMS a text becomes: the GSM 03.38 alphabet where it suffices, else UTF-16 units.

A long text is cut into parts that name each other, which costs a part seven septets or
three units. A sign of two units is never cut in half, so a part may end one unit early.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Reached by an escape, so that each costs two septets.
_EXTENDED = frozenset("\f^{}\\[~]|€")
_BEYOND_BMP = 0x10000


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


# What fits into a message of one part, and into each part of a longer one.
CAPACITY = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}


@dataclass(frozen=True, slots=True)
class Segments:
    """``left`` is how many units still fit before one more message is paid for."""

    encoding: Encoding
    units: int
    segments: int
    left: int


def count(text: str) -> Segments:
    encoding = encoding_of(text)
    costs = [_cost(sign, encoding) for sign in text]
    units = sum(costs)
    alone, part = CAPACITY[encoding]
    if units <= alone:
        return Segments(encoding, units, 1 if units else 0, alone - units)
    segments, used = _pack(costs, part)
    return Segments(encoding, units, segments, part - used)


def encoding_of(text: str) -> Encoding:
    return Encoding.GSM7 if _BASIC.union(_EXTENDED).issuperset(text) else Encoding.UCS2


def strangers(text: str) -> list[str]:
    """The signs that make ``text`` cost UCS-2, in order of appearance, each once."""
    known = _BASIC | _EXTENDED
    return list(dict.fromkeys(sign for sign in text if sign not in known))


def _cost(sign: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if sign in _EXTENDED else 1
    return 2 if ord(sign) >= _BEYOND_BMP else 1


def _pack(costs: Iterable[int], part: int) -> tuple[int, int]:
    """How many parts there are, and how much of the last one is used."""
    parts, used = 1, 0
    for cost in costs:
        if used + cost > part:
            parts, used = parts + 1, 0
        used += cost
    return parts, used
