"""How each provider writes: what it is sent, what it answers, what it tells afterwards."""

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

Json = dict[str, Any]
Reply = tuple[int, Json]

GRAPH = re.compile(r"^/v\d+\.\d+/(?P<phone>[^/]+)/messages$")
TWILIO = re.compile(r"^/2010-04-01/Accounts/(?P<sid>[^/]+)/Messages\.json$")
# Meta's and Twilio's words for what the simulated wire calls sent, delivered, opened, failed.
META_STATUS = {"opened": "read"}
TWILIO_STATUS = {"opened": "read", "failed": "undelivered"}


@dataclass(frozen=True)
class Sent:
    """A message of the product's, whatever the wire."""

    wire: str
    token: str
    to: str
    body: str
    callback: str = ""
    secret: str = ""
    account: str = ""
    authorization: str = ""
    raw: Any = None

    def line(self, id_: str) -> Json:
        names = ("wire", "token", "to", "body", "callback", "account", "authorization", "raw")
        return {"id": id_} | {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Notice:
    """One request to the product's webhook: these bytes, signed as that provider signs."""

    body: bytes
    headers: dict[str, str]


def new_id(wire: str) -> str:
    unique = uuid.uuid4().hex
    if wire == "meta":
        return f"wamid.{base64.b64encode(unique.encode()).decode()}"
    return f"SM{unique}" if wire == "twilio" else f"fake-{unique}"


def read(path: str, body: bytes, headers: Mapping[str, str]) -> Sent | None:
    """What the product wants sent; None when no provider has such an address."""
    if path == "/messages":
        return _simulated(json.loads(body))
    authorization = headers.get("Authorization", "")
    if found := GRAPH.match(path):
        return _meta(found["phone"], json.loads(body), authorization)
    if found := TWILIO.match(path):
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        return _twilio(found["sid"], form, authorization)
    return None


def _simulated(content: Json) -> Sent:
    return Sent(
        wire="simulated",
        token=content["token"],
        to=content["to"],
        body=content["body"],
        callback=content.get("callback", ""),
        secret=content.get("secret", ""),
    )


def _meta(phone: str, content: Json, authorization: str) -> Sent:
    kind = content.get("type", "text")
    part = content.get(kind, {})
    text = part.get("body") or part.get("caption") or part.get("name") or ""
    return Sent(
        wire="meta",
        token=content.get("biz_opaque_callback_data", ""),
        to=str(content.get("to") or content.get("recipient") or ""),
        body=text,
        account=phone,
        authorization=authorization,
        raw=content,
    )


def _twilio(sid: str, form: dict[str, str], authorization: str) -> Sent:
    callback = form.get("StatusCallback", "")
    query = dict(parse_qsl(callback.partition("?")[2]))
    return Sent(
        wire="twilio",
        token=next(iter(query.values()), ""),
        to=form.get("To", ""),
        body=form.get("Body", ""),
        callback=callback,
        account=sid,
        authorization=authorization,
        raw=form,
    )


def receipt(wire: str, line: Json) -> Reply:
    """The provider's answer to a message that it took."""
    if wire == "meta":
        contact = {"input": line["to"], "wa_id": line["to"].lstrip("+")}
        return 200, {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": line["id"], "message_status": "accepted"}],
        }
    if wire == "twilio":
        told = {"sid": line["id"], "status": "queued", "to": line["to"], "body": line["body"]}
        return 201, told | {"error_code": None, "error_message": None, "num_segments": "1"}
    return 200, {"id": line["id"]}


REFUSALS: dict[str, dict[str, tuple[int, str]]] = {
    "simulated": {
        "429": (429, "429"),
        "busy": (429, "busy"),
        "revoked": (401, "revoked"),
        "refuse": (400, "refused"),
    },
    "meta": {
        "429": (429, "80007"),
        "busy": (400, "130429"),
        "revoked": (401, "190"),
        "refuse": (400, "131026"),
    },
    "twilio": {
        "429": (429, "20429"),
        "busy": (429, "20429"),
        "revoked": (401, "20003"),
        "refuse": (400, "21211"),
    },
}


def refusal(wire: str, mode: str, code: str) -> Reply:
    """What it says when it does not take a message; ``code`` instead of the usual one."""
    status, usual = REFUSALS[wire][mode]
    code = code or usual
    words = "The fake provider says no."
    if wire == "meta":
        error: Json = {"message": f"(#{code}) {words}", "type": "OAuthException"}
        error |= {"code": int(code), "error_data": {"details": words}, "fbtrace_id": "Az8or2yh"}
        return status, {"error": error}
    if wire == "twilio":
        more = f"https://www.twilio.com/docs/errors/{code}"
        content = {"code": int(code), "message": words, "more_info": more}
        return status, content | {"status": status}
    return status, {"code": code, "detail": words}


def listing(path: str, query: dict[str, list[str]], accepted: Mapping[str, Json]) -> Json:
    """Twilio's look-up of what was sent to a number; Graph lists are empty."""
    if TWILIO.match(path):
        to = query.get("To", [""])[0]
        return {"messages": [receipt("twilio", row)[1] for row in accepted.values()
                             if to in {"", row["to"]}]}  # fmt: skip
    return {"data": [], "paging": {}}


def status_notice(line: Json, status: str, *, callback: str, secret: str, extra: Json) -> Notice:
    """News of a message, signed as its provider signs."""
    if line["wire"] == "meta":
        return signed_meta(
            _meta_body(line["account"], {"statuses": [_meta_status(line, status)]}), secret
        )
    if line["wire"] == "twilio":
        told = TWILIO_STATUS.get(status, status)
        form = {"MessageSid": line["id"], "SmsSid": line["id"], "MessageStatus": told}
        form |= {"To": line["to"], "AccountSid": line["account"], "ApiVersion": "2010-04-01"}
        form |= {"ErrorCode": extra["code"]} if extra.get("code") else {}
        return signed_twilio(form, callback, secret)
    news = {"id": line["id"], "token": line["token"], "status": status}
    news |= {name: extra[name] for name in ("code", "detail") if extra.get(name)}
    return signed_simulated({"statuses": [news]}, secret)


def message_notice(message: Json, *, callback: str, secret: str) -> Notice:
    """Something a person wrote, signed as its provider signs."""
    wire = message.get("wire", "simulated")
    if wire == "meta":
        return signed_meta(_meta_body(message.get("account", "1"), _meta_message(message)), secret)
    if wire == "twilio":
        form = {"MessageSid": message["id"], "SmsSid": message["id"], "NumMedia": "0"}
        form |= {"From": message["from"], "To": message.get("to", ""), "Body": message["body"]}
        return signed_twilio(form | {"AccountSid": message.get("account", "AC0")}, callback, secret)
    names = ("id", "from", "body", "name")
    content = {name: message[name] for name in names if name in message}
    return signed_simulated({"messages": [content]}, secret)


def _meta_status(line: Json, status: str) -> Json:
    told: Json = {"id": line["id"], "status": META_STATUS.get(status, status)}
    told |= {"timestamp": str(int(time.time())), "recipient_id": line["to"].lstrip("+")}
    if line["token"]:
        told["biz_opaque_callback_data"] = line["token"]
    if status == "failed":
        told["errors"] = [{"code": 131026, "title": "Message undeliverable"}]
    return told


def _meta_message(message: Json) -> Json:
    sender = message["from"].lstrip("+")
    stamp = str(int(message.get("timestamp") or time.time()))
    row: Json = {"from": sender, "id": message["id"], "timestamp": stamp, "type": "text"}
    row["text"] = {"body": message["body"]}
    contact: Json = {"profile": {"name": message.get("name", "")}, "wa_id": sender}
    if message.get("user_id"):
        contact["user_id"] = row["from_user_id"] = message["user_id"]
    if not sender:
        del row["from"], contact["wa_id"]
    return {"contacts": [contact], "messages": [row]}


def _meta_body(phone: str, value: Json) -> Json:
    about = {"display_phone_number": "15550000000", "phone_number_id": phone}
    value = {"messaging_product": "whatsapp", "metadata": about} | value
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def signed_simulated(content: Json, secret: str) -> Notice:
    body = json.dumps({"event": uuid.uuid4().hex, **content}, ensure_ascii=False).encode()
    return Notice(body, _json("X-Acuerdo-Signature", f"sha256={_sha256(secret, body)}"))


def signed_meta(content: Json, secret: str) -> Notice:
    body = json.dumps(content, ensure_ascii=False).encode()
    return Notice(body, _json("X-Hub-Signature-256", f"sha256={_sha256(secret, body)}"))


def signed_twilio(form: dict[str, str], url: str, secret: str) -> Notice:
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    signature = base64.b64encode(digest).decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Notice(urlencode(form).encode(), headers | {"X-Twilio-Signature": signature})


def _json(name: str, value: str) -> dict[str, str]:
    return {"Content-Type": "application/json", name: value}


def _sha256(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
