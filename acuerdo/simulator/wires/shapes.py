"""What the wires have in common: a message as it was sent, a notice as it is posted."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

Json = dict[str, Any]
Reply = tuple[int, Json]


@dataclass(frozen=True)
class Sent:
    """A message of the product's, whatever the wire.

    ``account`` is what the provider calls the line, ``key`` what was shown to be let in.
    ``template`` is named where the provider is to fill one in.
    """

    wire: str
    token: str
    to: str
    body: str
    callback: str = ""
    secret: str = ""
    account: str = ""
    key: str = ""
    authorization: str = ""
    subject: str = ""
    reference: str = ""
    template: str = ""
    channel: str = ""
    raw: Any = None

    def line(self, id_: str) -> Json:
        return {"id": id_} | {
            name: value for name, value in asdict(self).items() if name not in {"secret", "key"}
        }


@dataclass(frozen=True)
class Notice:
    """One request to the product's webhook: these bytes, signed as that provider signs."""

    body: bytes
    headers: dict[str, str]


class Wire(Protocol):
    """One provider's way of speaking; a module of this package each.

    ``ANSWERED`` are the codes that come in the answer, with its HTTP status, ``REPORTED``
    those that only come afterwards; ``MODES`` is the usual refusal of each kind, ``TELLS``
    what becomes known of a message in the end.
    """

    @property
    def MODES(self) -> Mapping[str, tuple[int, str]]: ...  # noqa: N802 - a constant

    @property
    def ANSWERED(self) -> Mapping[str, int]: ...  # noqa: N802 - a constant

    @property
    def REPORTED(self) -> tuple[str, ...]: ...  # noqa: N802 - a constant

    @property
    def TELLS(self) -> tuple[str, ...]: ...  # noqa: N802 - a constant

    def new_id(self) -> str: ...

    def read(self, path: str, body: bytes, headers: Mapping[str, str]) -> Sent | None: ...

    def receipt(self, line: Json) -> Reply: ...

    def error(self, code: str, words: str, status: int) -> Reply: ...

    def status_notice(
        self, line: Json, status: str, *, callback: str, secret: str, extra: Json
    ) -> Notice: ...

    def message_notice(self, message: Json, *, callback: str, secret: str) -> Notice: ...


def header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def bearer(authorization: str) -> str:
    return authorization.partition(" ")[2].strip()


def password(authorization: str) -> str:
    """What was given behind the name, by HTTP's basic scheme."""
    try:
        told = base64.b64decode(bearer(authorization)).decode()
    except ValueError:
        return ""
    return told.partition(":")[2]


def json_notice(header_name: str, content: Json, secret: str) -> Notice:
    body = json.dumps(content, ensure_ascii=False).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Notice(body, {"Content-Type": "application/json", header_name: f"sha256={signature}"})
