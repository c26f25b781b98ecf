"""What Twilio posts: messages of people, and what became of ours.

https://www.twilio.com/docs/messaging/guides/webhook-request
"""

from urllib.parse import parse_qs

from acuerdo.channels import reading
from acuerdo.channels.adapter import (
    Delivery,
    InboundFile,
    InboundMessage,
    Malformed,
    Notice,
    OptOutNotice,
    StatusChange,
    Unreadable,
    plain,
)
from acuerdo.channels.sms_twilio.codes import ADDRESS_FAULTS

# To be known at all is to have been taken: that is all that "sent" means to us.
STATUSES = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "opened",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
MOST_MEDIA = 10

Fields = dict[str, str]


def fields_of(delivery: Delivery) -> Fields:
    if reading.media_type(delivery.content_type) == reading.FORM:
        return dict(reading.form(delivery.body))
    if reading.media_type(delivery.content_type) == "application/json":
        content = reading.json_object(delivery.body)
        return {name: value for name, value in content.items() if isinstance(value, str)}
    raise Malformed("neither a form nor JSON")


def notices(delivery: Delivery) -> list[Notice]:
    fields = fields_of(delivery)
    if "MessageStatus" in fields:
        return [_status(fields, _our_token(delivery.query))]
    if "Body" in fields or fields.get("SmsStatus") == "received":
        return [*_opt_out(fields), _message(fields)]
    raise Unreadable("neither a message nor a status")


def _our_token(query: str) -> str:
    try:
        told = parse_qs(query, max_num_fields=20).get("token", [""])
    except ValueError:
        return ""
    return plain(told[0], most=60)


def _status(fields: Fields, token: str) -> StatusChange:
    status = STATUSES.get(fields["MessageStatus"])
    if status is None:
        raise Unreadable(f"status {fields['MessageStatus']!r}"[:100])
    code = fields.get("ErrorCode", "") if status == "failed" else ""
    return StatusChange(
        status=status,
        provider_id=reading.required(_sid(fields), most=200),
        token=token,
        code=plain(code, most=60),
        detail=plain(fields.get("ErrorMessage", "") if code else ""),
        address_fault=ADDRESS_FAULTS.get(code, ""),
    )


def _message(fields: Fields) -> InboundMessage:
    files = _files(fields)
    body = plain(fields.get("Body", ""), most=65_536)
    if not body.strip() and not files:
        raise Unreadable("a message without text or files")
    return InboundMessage(
        provider_id=reading.required(_sid(fields), most=200),
        sender=reading.required(fields.get("From"), most=254),
        body=body,
        name=plain(fields.get("ProfileName", ""), most=120),
        kind=_kind(files),
        files=files,
    )


def _opt_out(fields: Fields) -> list[Notice]:
    """Twilio keeps a list of its own, and answers STOP and START itself."""
    wish = fields.get("OptOutType", "")
    if wish not in {"STOP", "START"}:
        return []
    sender = reading.required(fields.get("From"), most=254)
    return [OptOutNotice(sender, is_back=wish == "START", detail=f"Twilio: {wish}")]


def _sid(fields: Fields) -> str:
    return fields.get("MessageSid") or fields.get("SmsSid") or ""


def _files(fields: Fields) -> tuple[InboundFile, ...]:
    told = fields.get("NumMedia", "0")
    number = int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0
    places = [place for place in range(min(number, MOST_MEDIA)) if fields.get(f"MediaUrl{place}")]
    return tuple(
        InboundFile(
            filename="",
            content_type=plain(fields.get(f"MediaContentType{place}", ""), most=100),
            media_id=plain(fields[f"MediaUrl{place}"], most=500),
        )
        for place in places
    )


def _kind(files: tuple[InboundFile, ...]) -> str:
    if not files:
        return "text"
    family = files[0].content_type.partition("/")[0]
    return family if family in {"image", "audio", "video"} else "document"
