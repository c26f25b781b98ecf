"""Reads what a gateway posts, by the paths of its definition."""

from functools import partial
from typing import Any
from urllib.parse import parse_qs

from acuerdo.channels import reading
from acuerdo.channels.adapter import (
    Delivery,
    InboundMessage,
    Malformed,
    Notice,
    StatusChange,
    Unreadable,
    plain,
)
from acuerdo.channels.sms_http.definition import Choice, Faults, Gateway, Inbound, Receipts

MOST_ITEMS = 2000
FAULTS = (
    ("invalid_number", "hard_bounce"),
    ("not_on_channel", "not_on_channel"),
    ("opted_out", "opted_out"),
)


def notices(gateway: Gateway, delivery: Delivery) -> list[Notice]:
    content = _content(gateway, delivery)
    found: list[Notice] = []
    if gateway.inbound:
        items = _messages(gateway.inbound, content)
        found += reading.each(items, partial(_message, gateway.inbound))
    if gateway.receipts:
        token = _our_token(delivery.query)
        rows = _items(content, gateway.receipts.list, gateway.receipts.when)
        told = [row for row in rows if find(row, gateway.receipts.status) is not None]
        found += reading.each(told, partial(_status, gateway.receipts, token=token))
    if not found:
        raise Unreadable("neither a message nor a receipt is where the definition says")
    return reading.sensible(found)


def _content(gateway: Gateway, delivery: Delivery) -> dict[str, Any]:
    if gateway.webhook_format == "json":
        return reading.json_object(delivery.body)
    if reading.media_type(delivery.content_type) != reading.FORM:
        raise Malformed("not a form")
    return dict(reading.form(delivery.body))


def find(content: Any, path: str) -> Any:
    """What stands at ``path``, or None; a whole path may also be one name of the object."""
    if not path:
        return None
    if isinstance(content, dict) and path in content:
        return content[path]
    for step in path.split("."):
        if isinstance(content, dict):
            content = content.get(step)
        elif isinstance(content, list) and step.isascii() and step.isdigit() and len(step) < 5:
            content = content[int(step)] if int(step) < len(content) else None
        else:
            return None
    return content


def word(content: Any, path: str) -> str:
    """The text or number at ``path``; empty when there is something else, or nothing."""
    value = find(content, path)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return plain(value)


def is_chosen(content: Any, choice: Choice | None) -> bool:
    return choice is None or word(content, choice.path) in choice.values


def address_fault(faults: Faults, code: str) -> str:
    for name, fault in FAULTS:
        if code and code in getattr(faults, name):
            return fault
    return ""


def _items(content: dict[str, Any], path: str, when: Choice | None) -> list[Any]:
    rows = find(content, path) if path else [content]
    if not isinstance(rows, list):
        return []
    return [row for row in rows[:MOST_ITEMS] if is_chosen(row, when)]


def _messages(inbound: Inbound, content: dict[str, Any]) -> list[Any]:
    rows = _items(content, inbound.list, inbound.when)
    return [row for row in rows if find(row, inbound.sender) and find(row, inbound.text)]


def _message(inbound: Inbound, item: Any) -> InboundMessage:
    return InboundMessage(
        provider_id=reading.required(find(item, inbound.id), most=200),
        sender=reading.required(find(item, inbound.sender), most=254),
        body=reading.required(find(item, inbound.text), most=65_536),
    )


def _status(receipts: Receipts, item: Any, *, token: str) -> StatusChange:
    status = receipts.values.get(word(item, receipts.status))
    if status is None:
        raise Unreadable(f"status {word(item, receipts.status)!r}"[:100])
    code = plain(word(item, receipts.code), most=60) if status == "failed" else ""
    return StatusChange(
        status=status,
        provider_id=plain(word(item, receipts.id), most=200),
        token=plain(word(item, receipts.token) or token, most=60),
        code=code,
        detail=word(item, receipts.detail) if status == "failed" else "",
        address_fault=address_fault(receipts, code),
    )


def _our_token(query: str) -> str:
    try:
        return parse_qs(query, max_num_fields=20).get("token", [""])[0]
    except ValueError:
        return ""
