"""Understands a mail, whoever wrote it and however broken it is.

Nothing here believes a mail: who it is from decides only where it is filed, and a letter of
ours that it names is a hint which the conversations verify by its signature.
"""

import hashlib
from email import message_from_bytes
from typing import Any

from acuerdo.channels.adapter import InboundMessage, Notice, OptOutNotice, Unreadable, plain
from acuerdo.channels.letters import automatic, bodies, headers, markup, names, quoting, reports
from acuerdo.channels.letters.headers import Mail

LETTER = "message/rfc822"
# The head of a mail that was too large to fetch: ``query`` says how large.
HEAD = "message/rfc822-headers"
_TO = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
_MOST_IDS = 50


def notices(raw: bytes) -> list[Notice]:
    """A report on letters of ours, a wish to get no more of them, or a letter."""
    try:
        mail = _parsed(raw)
        report = reports.read(mail)
        if report is not None:
            return report
        unsubscribed = _unsubscribed(mail)
        return unsubscribed or [_letter(mail, raw)]
    except Unreadable:
        raise
    except Exception as fault:
        raise Unreadable(f"mail: {type(fault).__name__}: {fault}"[:200]) from fault


def parse_head(raw: bytes, *, size: int) -> InboundMessage:
    """A mail too large to fetch: who wrote it, and a note in place of what it says."""
    return _letter(_parsed(raw), raw, too_large=size)


def provider_id(mail: Mail, raw: bytes) -> str:
    """Its Message-ID and its content: two mails that reuse one id are two mails."""
    own = next(iter(headers.ids(mail, "message-id")), "")
    digest = hashlib.sha256(raw).hexdigest()
    return f"{own} {digest[:24]}" if own and len(own) <= 150 else digest


def _parsed(raw: bytes) -> Mail:
    if not raw.strip():
        raise Unreadable("mail: empty")
    # The older policy never raises on a header; the newer one does, in a dozen ways.
    return message_from_bytes(raw)


def _letter(mail: Mail, raw: bytes, *, too_large: int = 0) -> InboundMessage:
    name, sender = _sender(mail)
    body = bodies.Body() if too_large else bodies.read(mail)
    said, quoted = quoting.split(_storable(body.text))
    return InboundMessage(
        provider_id=plain(provider_id(mail, raw), most=200),
        sender=sender,
        name=plain(name, most=120),
        subject=plain(headers.text(mail, "subject"), most=200),
        body=said,
        html=_storable(body.html),
        content=_content(body, quoted, mail, too_large),
        files=tuple(body.files),
        answers=_answers(mail),
        is_automatic=automatic.is_automatic(mail),
    )


def _sender(mail: Mail) -> tuple[str, str]:
    for header in ("from", "sender", "reply-to", "return-path"):
        for name, address in headers.addresses(mail, header):
            return name, plain(address, most=254)
    raise Unreadable("mail: no sender")


def _content(body: bodies.Body, quoted: str, mail: Mail, too_large: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "quoted": quoted,
        "inline": body.inline,
        "left_out": body.left_out,
        "message_id": plain(next(iter(headers.ids(mail, "message-id")), ""), most=300),
        "too_large": too_large,
        "is_cut": len(body.text) > bodies.MOST_TEXT
        or any(len(page) > markup.MOST for page in body.pages),
    }
    return {key: value for key, value in found.items() if value}


def _storable(text: str) -> str:
    return plain(text, most=bodies.MOST_TEXT)


def _answers(mail: Mail) -> tuple[str, ...]:
    """Letters of ours that it names, the surest first: the address it was sent to is signed."""
    tagged = [name for box, name in names.tags(_addressed(mail)) if box != names.BOUNCES]
    replied = headers.ids(mail, "in-reply-to")[:_MOST_IDS]
    followed = headers.ids(mail, "references")[-_MOST_IDS:][::-1]
    return tuple(plain(each, most=400) for each in dict.fromkeys([*tagged, *replied, *followed]))


def _unsubscribed(mail: Mail) -> list[Notice]:
    """A mail program followed the mailto of List-Unsubscribe: the address alone says it."""
    asked = [name for box, name in names.tags(_addressed(mail)) if box == names.UNSUBSCRIBE]
    if not asked:
        return []
    return [OptOutNotice(sender=_sender(mail)[1], detail=asked[0])]


def _addressed(mail: Mail) -> str:
    return " ".join(line for name in _TO for line in headers.texts(mail, name))
