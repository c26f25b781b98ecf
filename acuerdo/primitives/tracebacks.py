"""Faults in the log without what was in hand: their type and place, never their words.

The words of a fault repeat what it was about: a database tells the row, a parser the text, a
mail server the address. All of that is personal data, and a log is read by others.
"""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType


class Discreet(logging.Formatter):
    """Never believes a text that another handler left on the record: that one has the words."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None
        return super().format(record)

    def formatException(  # noqa: N802 - the library's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return "\n".join(told(ei[1])) if ei[1] else ""


def told(fault: BaseException) -> list[str]:
    """For each fault of its chain, the first one first, where it passed and what it is."""
    lines: list[str] = []
    for each in reversed(list(_chain(fault))):
        lines += [line.rstrip() for line in traceback.format_tb(each.__traceback__)]
        lines.append(name(each))
    return lines


def name(fault: BaseException) -> str:
    """Its type; of a fault of the database its code and the constraint, which are our own words."""
    kind = type(fault)
    parts = [
        f"{kind.__module__}.{kind.__qualname__}",
        str(getattr(fault, "sqlstate", None) or ""),
        str(getattr(getattr(fault, "diag", None), "constraint_name", None) or ""),
    ]
    return " ".join(part for part in parts if part)


def _chain(fault: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = fault
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
