"""The simulated channel's own wire: no real provider's, and nothing to configure."""

import json
import uuid
from collections.abc import Mapping

from acuerdo.simulator.wires.shapes import Json, Notice, Reply, Sent, json_notice

SIGNATURE = "X-Acuerdo-Signature"
MODES = {
    "429": (429, "429"),
    "busy": (429, "busy"),
    "pair": (429, "pair"),
    "revoked": (401, "revoked"),
    "refuse": (400, "refused"),
}
ANSWERED = {"refused": 400, "429": 429, "revoked": 401}
REPORTED = ("failed",)
TELLS = ("sent", "delivered", "opened")
WORDS = {"refused": "El número no existe.", "revoked": "La clave fue revocada."}


def new_id() -> str:
    return f"sim-{uuid.uuid4().hex}"


def read(path: str, body: bytes, headers: Mapping[str, str]) -> Sent | None:
    del headers
    if path != "/messages":
        return None
    content = json.loads(body)
    return Sent(
        wire="simulated",
        token=content["token"],
        channel=content.get("channel", ""),
        to=content["to"],
        subject=content.get("subject", ""),
        body=content["body"],
        callback=content.get("callback", ""),
        secret=content.get("secret", ""),
    )


def receipt(line: Json) -> Reply:
    return 200, {"id": line["id"]}


def error(code: str, words: str, status: int) -> Reply:
    return status, {"code": code, "detail": words or WORDS.get(code, "")}


def status_notice(line: Json, status: str, *, callback: str, secret: str, extra: Json) -> Notice:
    del callback
    news = {"id": line["id"], "token": line["token"], "status": status}
    news |= {name: extra[name] for name in ("code", "detail") if extra.get(name)}
    return signed({"statuses": [news]}, secret)


def message_notice(message: Json, *, callback: str, secret: str) -> Notice:
    del callback
    names = ("id", "from", "body", "name")
    return signed(
        {"messages": [{name: message[name] for name in names if name in message}]}, secret
    )


def signed(content: Json, secret: str) -> Notice:
    return json_notice(SIGNATURE, {"event": uuid.uuid4().hex, **content}, secret)
