"""Mail as Mailgun speaks it: a form of many parts in, signed events and whole letters out.

https://documentation.mailgun.com/docs/mailgun/api-reference
"""

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import format_datetime, formataddr, parseaddr
from urllib.parse import parse_qsl, urlencode

from acuerdo.simulator.wires.shapes import Json, Notice, Reply, Sent, header, password

MESSAGES = re.compile(r"^/v3/(?P<domain>[^/]+)/messages$")
MODES = {
    "429": (429, "429"),
    "busy": (429, "429"),
    "revoked": (401, "401"),
    "refuse": (400, "400"),
}
ANSWERED = {"400": 400, "401": 401, "429": 429, "500": 500}
REPORTED = ("bounced", "complained", "unsubscribed")
TELLS = ("delivered", "opened")
EVENTS = {"delivered": "delivered", "opened": "opened", "failed": "failed"}
WORDS = {"bounced": "550 5.1.1 The email account does not exist."}
# A line of a header, in the name of a field of the form.
HEADER = "h:"
VARIABLE = "v:token"


def new_id() -> str:
    return f"<{uuid.uuid4().hex}@simulador.example>"


def read(path: str, body: bytes, headers: Mapping[str, str]) -> Sent | None:
    found = MESSAGES.match(path)
    if not found:
        return None
    form = _fields(body, header(headers, "Content-Type"))
    authorization = header(headers, "Authorization")
    return Sent(
        wire="mailgun",
        token=form.get(VARIABLE, ""),
        channel="email",
        to=parseaddr(form.get("to", ""))[1],
        subject=form.get("subject", ""),
        body=form.get("text", ""),
        account=found["domain"],
        key=password(authorization),
        authorization=authorization,
        reference=_named(form, "Message-ID"),
        raw={"from": form.get("from", ""), "reply_to": _named(form, "Reply-To")},
    )


def _named(form: Mapping[str, str], name: str) -> str:
    wanted = f"{HEADER}{name}".lower()
    return next((value for key, value in form.items() if key.lower() == wanted), "")


def _fields(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of a form, url-encoded or of many parts; files are left alone."""
    if not content_type.startswith("multipart/"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    whole = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    return {
        str(part.get_param("name", header="content-disposition")): _text(part)
        for part in whole.iter_parts()
        if not part.get_filename()
    }


def _text(part: Message) -> str:
    told = part.get_payload(decode=True)
    return told.decode("utf-8", "replace") if isinstance(told, bytes) else ""


def receipt(line: Json) -> Reply:
    return 200, {"id": line["id"], "message": "Queued. Thank you."}


def error(code: str, words: str, status: int) -> Reply:
    del code
    return status, {"message": words or "The message was not taken."}


def status_notice(line: Json, status: str, *, callback: str, secret: str, extra: Json) -> Notice:
    del callback
    code = str(extra.get("code") or "bounced") if status == "failed" else ""
    event = code if code in {"complained", "unsubscribed"} else EVENTS.get(status, status)
    told: Json = {
        "event": event,
        "id": uuid.uuid4().hex,
        "timestamp": float(extra.get("timestamp") or time.time()),
        "recipient": line["to"],
        "message": {"headers": {"message-id": line["id"].strip("<>")}},
        "user-variables": {"token": line["token"]},
    }
    if event == "failed":
        words = WORDS.get(code, "The message was rejected.")
        told |= {"severity": "permanent", "reason": "bounce"}
        told["delivery-status"] = {"code": 550, "message": words, "description": ""}
    body = json.dumps({"signature": _signature(secret), "event-data": told}).encode()
    return Notice(body, {"Content-Type": "application/json"})


def message_notice(message: Json, *, callback: str, secret: str) -> Notice:
    """The whole letter as it came, which is what a route of Mailgun forwards when asked to."""
    del callback
    letter = EmailMessage(policy=policy.SMTP)
    letter["From"] = formataddr((message.get("name", ""), message["from"]))
    letter["To"] = message.get("to", "")
    letter["Subject"] = message.get("subject") or "Sin asunto"
    moment = datetime.fromtimestamp(float(message.get("timestamp") or time.time()), UTC)
    letter["Date"] = format_datetime(moment)
    letter["Message-ID"] = message["id"]
    if message.get("quotes"):
        letter["In-Reply-To"] = letter["References"] = message["quotes"]
    letter.set_content(message["body"])
    form = {"recipient": message.get("to", ""), "sender": message["from"]}
    form |= {"body-mime": letter.as_string(), **_signature(secret)}
    kind = "application/x-www-form-urlencoded"
    return Notice(urlencode(form).encode(), {"Content-Type": kind})


def _signature(secret: str) -> dict[str, str]:
    stamp, token = str(int(time.time())), uuid.uuid4().hex
    digest = hmac.new(secret.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": stamp, "token": token, "signature": digest}


def with_password(notice: Notice, basic: str) -> Notice:
    """``basic`` is the name and password that stand in the address Mailgun was told."""
    told = base64.b64encode(basic.encode()).decode()
    return Notice(notice.body, notice.headers | {"Authorization": f"Basic {told}"})
