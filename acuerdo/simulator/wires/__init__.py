"""How each provider writes: what it is sent, what it answers, what it tells afterwards.

Nothing here knows the product: the demonstration's provider and the fault bench's rude one
both speak through it, and both are read by the real adapters.
"""

import uuid
from collections.abc import Iterable, Mapping

from acuerdo.simulator.wires import mailgun, meta, plain, twilio
from acuerdo.simulator.wires.plain import signed as signed_simulated
from acuerdo.simulator.wires.shapes import Json, Notice, Reply, Sent, Wire

__all__ = ["Json", "Notice", "Reply", "Sent", "signed_simulated"]

WIRES: dict[str, Wire] = {"simulated": plain, "meta": meta, "twilio": twilio, "mailgun": mailgun}


def new_id(wire: str) -> str:
    return WIRES[wire].new_id()


def new_number() -> str:
    """An id of digits alone, as Graph names files."""
    return str(uuid.uuid4().int)[:15]


def read(path: str, body: bytes, headers: Mapping[str, str]) -> Sent | None:
    """What the product wants sent; None when no provider has such an address."""
    found = (wire.read(path, body, headers) for wire in WIRES.values())
    return next((sent for sent in found if sent), None)


def receipt(wire: str, line: Json) -> Reply:
    """The provider's answer to a message that it took."""
    return WIRES[wire].receipt(line)


def refusal(wire: str, mode: str, code: str = "", words: str = "") -> Reply:
    """What it says when it does not take a message; ``code`` instead of the usual one."""
    status, usual = WIRES[wire].MODES.get(mode, (400, code))
    return error(wire, code or usual, words, status)


def error(wire: str, code: str, words: str = "", status: int = 0) -> Reply:
    """The answer that carries ``code``; its own HTTP status where none is given."""
    return WIRES[wire].error(code, words, status or WIRES[wire].ANSWERED.get(code, 400))


def is_answered(wire: str, code: str) -> bool:
    """Whether ``code`` comes in the answer; else the message is taken and fails afterwards."""
    return code in WIRES[wire].ANSWERED


def told(wire: str, statuses: Iterable[str]) -> list[str]:
    """Those of ``statuses`` that its provider ever comes to know."""
    return [status for status in statuses if status in WIRES[wire].TELLS]


def status_notice(line: Json, status: str, *, callback: str, secret: str, extra: Json) -> Notice:
    """News of a message, signed as its provider signs."""
    make = WIRES[line["wire"]].status_notice
    return make(line, status, callback=callback, secret=secret, extra=extra)


def message_notice(message: Json, *, callback: str, secret: str) -> Notice:
    """Something a person wrote, signed as its provider signs."""
    make = WIRES[message.get("wire", "simulated")].message_notice
    return make(message, callback=callback, secret=secret)


def listing(path: str, query: Mapping[str, list[str]], accepted: Mapping[str, Json]) -> Json:
    """Twilio's look-up of what was sent to a number; other lists are empty."""
    if twilio.MESSAGES.match(path):
        return twilio.listed(query.get("To", [""])[0], accepted.values())
    return {"data": [], "paging": {}}
