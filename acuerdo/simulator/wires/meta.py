"""WhatsApp as Meta's Cloud API speaks it: requests to Graph, notices of one application.

https://developers.facebook.com/docs/whatsapp/cloud-api
"""

import base64
import json
import re
import time
import uuid
from collections.abc import Mapping

from acuerdo.simulator import catalogue
from acuerdo.simulator.wires.shapes import (
    Json,
    Notice,
    Reply,
    Sent,
    bearer,
    header,
    json_notice,
)

GRAPH = re.compile(r"^/v\d+\.\d+/(?P<phone>[^/]+)/messages$")
SIGNATURE = "X-Hub-Signature-256"
STATUSES = {"opened": "read"}
MODES = {
    "429": (429, "80007"),
    "busy": (400, "130429"),
    "pair": (400, "131056"),
    "revoked": (401, "190"),
    "refuse": (400, "131026"),
}
# What Graph answers at once ...
ANSWERED = {
    "131056": 400, "130429": 400, "80007": 429, "4": 400, "613": 400,
    "190": 401, "0": 401, "3": 403, "10": 403, "200": 403,
    "368": 403, "131031": 403, "131042": 400, "131045": 500, "133010": 400,
    "1": 500, "2": 503, "131000": 500, "131016": 503,
    "100": 400, "33": 400, "131005": 403, "131008": 400, "131009": 400, "131021": 400,
    "131030": 400, "131051": 501, "135000": 400,
    "132000": 400, "132001": 404, "132005": 400, "132007": 400, "132012": 400, "132015": 400,
    "132016": 400, "132018": 400,
}  # fmt: skip
# ... and what it only tells afterwards of a message that it took.
REPORTED = (
    "131026", "131047", "131049", "131050", "130472", "130497", "131037", "131048", "131052",
    "131053",
)  # fmt: skip
TELLS = ("sent", "delivered", "opened")
PRICED = ("sent", "delivered")
CLOSED = "131047"
WORDS = {
    "190": "Error validating access token: the session has been invalidated.",
    "130429": "Rate limit hit.",
    "131026": "Message undeliverable.",
    "131047": "Re-engagement message: more than 24 hours have passed since the customer replied.",
    "131049": "This message was not delivered to maintain healthy ecosystem engagement.",
    "131056": "Too many messages sent from the sender to the same recipient in a short time.",
}


def new_id() -> str:
    return f"wamid.{base64.b64encode(uuid.uuid4().hex.encode()).decode()}"


def read(path: str, body: bytes, headers: Mapping[str, str]) -> Sent | None:
    found = GRAPH.match(path)
    if not found:
        return None
    content, authorization = json.loads(body), header(headers, "Authorization")
    kind = content.get("type", "text")
    part = content.get(kind, {})
    return Sent(
        wire="meta",
        token=content.get("biz_opaque_callback_data", ""),
        channel="whatsapp",
        to=str(content.get("to") or content.get("recipient") or ""),
        body=part.get("body") or part.get("caption") or part.get("name") or f"[{kind}]",
        account=found["phone"],
        key=bearer(authorization),
        authorization=authorization,
        template=part.get("name", "") if kind == "template" else "",
        raw=content,
    )


def receipt(line: Json) -> Reply:
    contact = {"input": line["to"], "wa_id": line["to"].lstrip("+")}
    return 200, {
        "messaging_product": "whatsapp",
        "contacts": [contact],
        "messages": [{"id": line["id"], "message_status": "accepted"}],
    }


def error(code: str, words: str, status: int) -> Reply:
    told = words or WORDS.get(code, "The message was not taken.")
    content: Json = {"message": f"(#{code}) {told}", "type": "OAuthException", "code": int(code)}
    data = {"messaging_product": "whatsapp", "details": told}
    return status, {"error": content | {"error_data": data, "fbtrace_id": uuid.uuid4().hex[:15]}}


def status_notice(line: Json, status: str, *, callback: str, secret: str, extra: Json) -> Notice:
    del callback
    told: Json = {"id": line["id"], "status": STATUSES.get(status, status)}
    told["timestamp"] = str(int(extra.get("timestamp") or time.time()))
    to = line["to"].lstrip("+")
    told["recipient_id" if to.isdigit() else "recipient_user_id"] = to
    if line["token"]:
        told["biz_opaque_callback_data"] = line["token"]
    if status in PRICED:
        told["pricing"] = _pricing(line)
    if status == "failed":
        told["errors"] = [_fault(str(extra.get("code") or "131026"))]
    return signed(_body(line["account"], {"statuses": [told]}), secret)


def _pricing(line: Json) -> Json:
    """Templates cost what theirs do; answers are free here, so that a demonstration has both."""
    name = line.get("template") or ""
    category = catalogue.category(name) if name else "service"
    kind = "regular" if name else "free_customer_service"
    return {"billable": bool(name), "pricing_model": "PMP", "category": category, "type": kind}


def _fault(code: str) -> Json:
    words = WORDS.get(code, "Message failed to send.")
    fault: Json = {"code": int(code), "title": words, "message": words}
    return fault | {"error_data": {"details": words}}


def message_notice(message: Json, *, callback: str, secret: str) -> Notice:
    del callback
    return signed(_body(message.get("account", "1"), _message(message)), secret)


def _message(message: Json) -> Json:
    """``user_id`` is the id scoped to the business: all there is of whoever hides the number."""
    sender = message["from"].lstrip("+")
    stamp = str(int(message.get("timestamp") or time.time()))
    row: Json = {"from": sender, "id": message["id"], "timestamp": stamp, **_content(message)}
    profile = {"name": message.get("name", "")}
    contact: Json = {"profile": profile, "wa_id": sender}
    if message.get("username"):
        profile["username"] = message["username"]
    if message.get("user_id"):
        contact["user_id"] = row["from_user_id"] = message["user_id"]
    if not sender:
        del row["from"], contact["wa_id"]
    if message.get("quotes"):
        row["context"] = {"id": message["quotes"]}
    return {"contacts": [contact], "messages": [row]}


def _content(message: Json) -> Json:
    """A text, the press of a button of a template, or a file that is fetched by its id."""
    if message.get("button"):
        return {"type": "button", "button": {"text": message["body"], "payload": message["body"]}}
    kind = message.get("kind") or "text"
    if kind == "text":
        return {"type": "text", "text": {"body": message["body"]}}
    file = {"id": message["media_id"], "mime_type": message["mime_type"]}
    if kind == "audio":
        return {"type": kind, kind: file | {"voice": True}}
    return {"type": kind, kind: file | ({"caption": message["body"]} if message["body"] else {})}


def _body(phone: str, value: Json) -> Json:
    about = {"display_phone_number": "15550000000", "phone_number_id": phone}
    value = {"messaging_product": "whatsapp", "metadata": about} | value
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}


def signed(content: Json, secret: str) -> Notice:
    return json_notice(SIGNATURE, content, secret)
