"""What the library makes of a service's notice, in our own words."""

import json
from datetime import UTC, datetime
from email.message import Message
from io import BytesIO
from typing import Any

from anymail.signals import AnymailTrackingEvent
from django.core.handlers.wsgi import WSGIRequest

from acuerdo.channels.adapter import Delivery, Notice, OptOutNotice, StatusChange, plain
from acuerdo.channels.letters import reading

STATUSES = {
    "queued": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "opened": "opened",
    "clicked": "opened",
    "bounced": "failed",
    "rejected": "failed",
    "failed": "failed",
    # Who complains about a letter got it.
    "complained": "delivered",
}
DEAD = frozenset({"bounced", "invalid"})


def request(delivery: Delivery) -> WSGIRequest:
    """The delivery as the library expects one."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "QUERY_STRING": delivery.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": delivery.content_type,
        "CONTENT_LENGTH": str(len(delivery.body)),
        "wsgi.input": BytesIO(delivery.body),
    }
    for name, value in delivery.headers.items():
        if name.lower() not in {"content-type", "content-length"}:
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return WSGIRequest(environ)


def parts(delivery: Delivery) -> list[bytes]:
    """Each event of a body that is a list of them, as a body of its own."""
    try:
        listed = json.loads(delivery.body)
    except (ValueError, RecursionError):
        return []
    return [json.dumps([one]).encode() for one in listed] if isinstance(listed, list) else []


def of_event(event: AnymailTrackingEvent) -> list[Notice]:
    kind = str(event.event_type)
    found: list[Notice] = []
    recipient = plain(event.recipient or "", most=254)
    if kind in {"complained", "unsubscribed"} and recipient:
        found.append(OptOutNotice(recipient, at=_moment(event), detail=kind))
    if kind in STATUSES:
        found.append(_status(event, STATUSES[kind]))
    return found


def _status(event: AnymailTrackingEvent, status: str) -> StatusChange:
    has_failed = status == "failed"
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    words = event.mta_response or event.description or ""
    return StatusChange(
        status=status,
        provider_id=plain(event.message_id or "", most=200),
        token=plain(metadata.get("token") or "", most=60),
        at=_moment(event),
        code=plain(event.reject_reason or event.event_type, most=60) if has_failed else "",
        detail=plain(words) if has_failed else "",
        address_fault=_address_fault(event),
    )


def _address_fault(event: AnymailTrackingEvent) -> str:
    if event.event_type == "complained":
        return "complaint"
    if event.event_type in {"bounced", "rejected"}:
        if str(event.reject_reason) == "unsubscribed":
            return "opted_out"
        if str(event.reject_reason) in DEAD and not _is_soft(event.esp_event):
            return "hard_bounce"
    return ""


def _is_soft(told: object) -> bool:
    """Postmark alone calls a full box a bounce; the others call it a delay."""
    return isinstance(told, dict) and told.get("Type") == "SoftBounce"


def _moment(event: AnymailTrackingEvent) -> datetime | None:
    at = event.timestamp
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def of_letter(mail: Message) -> list[Notice]:
    return reading.notices(mail.as_bytes())
