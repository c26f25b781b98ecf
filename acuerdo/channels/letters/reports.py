"""Reports of mail servers on letters of ours: bounces (RFC 3464) and complaints (RFC 5965)."""

import re
from email.message import Message
from email.utils import parseaddr

from acuerdo.channels.adapter import Notice, OptOutNotice, StatusChange
from acuerdo.channels.letters import headers, names
from acuerdo.channels.letters.headers import Mail

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# What is wrong with the address itself: it does not exist, is closed, or its domain is nowhere.
# A full box, a large letter and a server that mistrusts us say nothing about it.
_ADDRESS = {"0", "1", "2", "4"}
_NOT_THE_ADDRESS = {"5.2.2", "5.2.3", "5.4.5", "5.4.7"}
_COMPLAINTS = {"abuse", "fraud", "opt-out", "opt-out-list", "virus", "other"}


def read(mail: Mail) -> list[Notice] | None:
    """What ``mail`` reports; None when it is no report on a letter that can be named."""
    if not mail.is_multipart():
        return None
    # Not every server calls its report one: the part that programs read is what counts.
    kinds = {part.get_content_type() for part in _parts(mail)}
    reference, message_id = _named(mail)
    if "message/feedback-report" in kinds:
        return _complaint(mail, reference, message_id)
    if "message/delivery-status" in kinds and (reference or message_id):
        return _bounce(mail, reference, message_id)
    return None


def _bounce(mail: Mail, reference: str, message_id: str) -> list[Notice]:
    """A delay is kept and says nothing yet: the server is still trying."""
    notices: list[Notice] = []
    for block in _blocks(mail, "message/delivery-status"):
        action = headers.text(block, "action").lower()
        status = _status(block, mail)
        if action not in {"failed", "delivered"}:
            continue
        fault = "hard_bounce" if action == "failed" and _blames_address(status) else ""
        notices.append(
            StatusChange(
                status=action,
                provider_id=message_id,
                token=reference,
                code=status,
                detail=_words(block),
                address_fault=fault,
            )
        )
    return notices[:1]


def address_fault(words: str) -> str:
    """What a server's refusal, in its own words, says of the address."""
    told = _STATUS.search(words)
    return "hard_bounce" if told and _blames_address(told[0]) else ""


def _status(block: Mail, mail: Mail) -> str:
    """The status; where it says nothing more than 5.0.0, the one in the server's own words."""
    stated = _STATUS.search(headers.text(block, "status"))
    if stated and stated[0] not in {"5.0.0", "4.0.0"}:
        return stated[0]
    told = _STATUS.search(headers.text(block, "diagnostic-code")) or _STATUS.search(_prose(mail))
    return (told or stated or [""])[0]


def _prose(mail: Mail) -> str:
    """What the report says to people."""
    for part in _parts(mail):
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            return headers.letters(content, "utf-8")[:5000] if isinstance(content, bytes) else ""
    return ""


def _blames_address(status: str) -> bool:
    parts = status.split(".")
    return parts[0] == "5" and parts[1] in _ADDRESS and status not in _NOT_THE_ADDRESS


def _words(block: Mail) -> str:
    return headers.text(block, "diagnostic-code").partition(";")[2].strip()[:300]


def _complaint(mail: Mail, reference: str, message_id: str) -> list[Notice] | None:
    block = next(iter(_blocks(mail, "message/feedback-report")), None)
    if block is None or headers.text(block, "feedback-type").lower() not in _COMPLAINTS:
        return None
    who = parseaddr(headers.text(block, "original-rcpt-to"))[1]
    who = who or next((address for _name, address in _returned(mail, "to")), "")
    if not (who or reference):
        return None
    notices: list[Notice] = [OptOutNotice(sender=who, detail=reference or "complaint")]
    if reference or message_id:
        notices.append(
            StatusChange(
                "delivered", message_id, reference, code="complaint", address_fault="complaint"
            )
        )
    return notices


def _blocks(mail: Mail, content_type: str) -> list[Mail]:
    """The groups of fields of the report's second part, however its program wrapped them."""
    found: list[Mail] = []
    for part in _parts(mail):
        if part.get_content_type() != content_type:
            continue
        content = part.get_payload()
        if isinstance(content, list):
            found += [each for each in content if isinstance(each, Message)]
        else:
            found += _fields(str(content))
    return found


def _fields(content: str) -> list[Mail]:
    blocks = []
    for lines in re.split(r"\r?\n\r?\n", content)[:20]:
        block: Mail = Message()
        for name, value in re.findall(r"^([A-Za-z-]+):\s*(.*)$", lines, re.MULTILINE):
            block[name] = value.strip()
        blocks.append(block)
    return blocks


def _parts(mail: Mail) -> list[Mail]:
    content = mail.get_payload()
    return [part for part in content if isinstance(part, Message)] if type(content) is list else []


def _named(mail: Mail) -> tuple[str, str]:
    """Our reference and the letter's own id, by the address it came back to or what it returns."""
    tags = names.tags(" ".join(headers.texts(mail, "to") + headers.texts(mail, "delivered-to")))
    returned = [each for part in _returned_mails(mail) for each in headers.ids(part, "message-id")]
    message_id = returned[0] if returned else ""
    own = [
        match[0]
        for match in (names.REFERENCE.match(each[1:].lower()) for each in returned)
        if match
    ]
    return next(iter([name for _box, name in tags] + own), ""), message_id[:200]


def _returned(mail: Mail, name: str) -> list[tuple[str, str]]:
    return [pair for part in _returned_mails(mail) for pair in headers.addresses(part, name)]


def _returned_mails(mail: Mail) -> list[Mail]:
    found: list[Mail] = []
    for part in _parts(mail):
        kind, content = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(content, list):
            found += [each for each in content[:1] if isinstance(each, Message)]
        elif kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            text = part.get_payload(decode=True)
            if isinstance(text, bytes):
                found += _fields(headers.letters(text, "utf-8").split("\n\n")[0])
    return found
