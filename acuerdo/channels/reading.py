"""Reads what providers post, without trusting a byte of it."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from acuerdo.channels.adapter import Malformed, Notice, Unread, Unreadable, plain

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 500


def json_object(body: bytes) -> dict[str, Any]:
    """The object that ``body`` is; ``Malformed`` when it is not even JSON, or no object."""
    content = json_value(body)
    if not isinstance(content, dict):
        raise Malformed("not a JSON object")
    return content


def json_value(body: bytes) -> Any:
    """``body`` as JSON in UTF-8, whatever it holds; else ``Malformed``."""
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError) as fault:
        raise Malformed(f"not JSON: {type(fault).__name__}") from None


def form(body: bytes) -> list[tuple[str, str]]:
    """The fields in their order, untrimmed; ``Malformed`` when ``body`` is no UTF-8 form."""
    try:
        text = body.decode("ascii")
        return parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as fault:
        raise Malformed(f"not a form: {type(fault).__name__}") from None


def each(items: Iterable[Any], read: Callable[[Any], Notice]) -> list[Notice]:
    """What each of ``items`` says: one that makes no sense spoils none beside it."""
    return [_one(item, read) for item in items]


def _one(item: Any, read: Callable[[Any], Notice]) -> Notice:
    try:
        return read(item)
    except (Unreadable, ValueError, KeyError, TypeError, AttributeError) as fault:
        said = "" if isinstance(fault, Unreadable) else f"{type(fault).__name__}: "
        return Unread(plain(f"{said}{fault}", most=200))


def sensible(notices: list[Notice]) -> list[Notice]:
    """``notices``, where at least one makes sense; else ``Unreadable``, in the first's words."""
    odd = [notice for notice in notices if isinstance(notice, Unread)]
    if odd and len(odd) == len(notices):
        raise Unreadable(odd[0].detail)
    return notices


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def required(value: object, *, most: int) -> str:
    """``value`` as a text that says something; ``Unreadable`` otherwise."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    clean = text.replace("\x00", "").encode("utf-8", "replace").decode()[:most]
    if not clean.strip():
        raise Unreadable("a text was expected")
    return clean
