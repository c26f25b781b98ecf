"""A gateway described by data: what is posted to it, and where its answers say what.

``examples/sms-gateway-*.json`` are whole definitions; ``docs/self-hosting/sms.md`` explains
each name. A path such as ``messages.0.id`` walks objects and lists.
"""

import json
import re
from typing import Any, Literal
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from acuerdo.primitives.refusals import Refusal

PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
# A header or an address must not be able to carry what a person wrote.
IN_HEADERS = frozenset({"api_key", "api_user", "basic", "token"})
IN_URL = frozenset({"api_key", "api_user", "token"})
IN_BODY = IN_HEADERS | {"to", "from", "text", "callback"}

Body = dict[str, Any] | list[Any]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Send(Part):
    url: str
    method: Literal["POST", "PUT", "GET"] = "POST"
    format: Literal["json", "form", "query"] = "json"
    number: Literal["e164", "digits"] = "e164"
    headers: dict[str, str] = Field(default_factory=dict)
    body: Body


class Choice(Part):
    path: str
    values: tuple[str, ...]


class Faults(Part):
    """Codes of the gateway that blame the number."""

    invalid_number: tuple[str, ...] = ()
    not_on_channel: tuple[str, ...] = ()
    opted_out: tuple[str, ...] = ()


class Answer(Faults):
    id: str
    ok: Choice | None = None
    code: str = ""
    detail: str = ""
    busy: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()


class Receipts(Faults):
    status: str
    values: dict[str, Literal["sent", "delivered", "opened", "failed"]]
    list: str = ""
    when: Choice | None = None
    id: str = ""
    token: str = ""
    code: str = ""
    detail: str = ""


class Inbound(Part):
    id: str
    sender: str = Field(alias="from")
    text: str
    list: str = ""
    when: Choice | None = None


class Signature(Part):
    """``hmac`` covers the body; ``token`` is a header that equals our secret; ``basic``."""

    kind: Literal["hmac", "token", "basic"]
    header: str = ""
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    user: str = ""


class Gateway(Part):
    """Without a ``signature`` nothing that claims to come from the gateway is believed."""

    send: Send
    answer: Answer
    webhook_format: Literal["json", "form"] = "json"
    receipts: Receipts | None = None
    inbound: Inbound | None = None
    signature: Signature | None = None


def read(definition: object) -> Gateway:
    """The gateway that ``definition`` (its JSON text) describes; Refusal says what is wrong."""
    try:
        content = json.loads(definition) if isinstance(definition, str) else definition
    except (ValueError, RecursionError) as fault:
        where = getattr(fault, "lineno", 1)
        sentence = _("La definición no es JSON válido: revise la línea %(line)s.")
        raise _refusal(sentence % {"line": where}) from None
    try:
        gateway = Gateway.model_validate(content)
    except ValidationError as fault:
        raise _refusal(_sentence(fault.errors()[0])) from None
    _check_addresses(gateway)
    _check_placeholders(gateway)
    return gateway


def _refusal(sentence: str) -> Refusal:
    return Refusal("bad_gateway_definition", sentence, field="need_gateway")


def _sentence(error: ErrorDetails) -> str:
    where = ".".join(str(step) for step in error["loc"]) or _("la definición")
    words = {
        "missing": _("Falta «%(where)s» en la definición de la pasarela."),
        "extra_forbidden": _("La pasarela no tiene ningún dato llamado «%(where)s»."),
        "literal_error": _("«%(where)s» debe ser uno de: %(expected)s."),
    }
    other = _("«%(where)s» no tiene la forma que se espera.")
    expected = error.get("ctx", {}).get("expected", "")
    return words.get(error["type"], other) % {"where": where, "expected": expected}


def _check_addresses(gateway: Gateway) -> None:
    try:
        parts = urlsplit(gateway.send.url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_good = False
    if not is_good:
        raise _refusal(_("«send.url» debe ser una dirección completa que empiece por https://."))
    signature = gateway.signature
    if signature and signature.kind != "basic" and not signature.header:
        raise _refusal(_("Falta «signature.header»: el encabezado en que viene la firma."))


def _check_placeholders(gateway: Gateway) -> None:
    send = gateway.send
    _refuse_strangers(send.url, "send.url", IN_URL)
    for name, value in send.headers.items():
        _refuse_strangers(value, f"send.headers.{name}", IN_HEADERS)
        if not (name.isascii() and (name + value).isprintable()):
            sentence = _("El encabezado «%(name)s» tiene signos que no se pueden enviar.")
            raise _refusal(sentence % {"name": name})
    text = json.dumps(send.body)
    _refuse_strangers(text, "send.body", IN_BODY)
    used = set(PLACEHOLDER.findall(text))
    for name in ("to", "text"):
        if name not in used:
            sentence = _("Falta {{%(name)s}} en «send.body»: sin eso no hay mensaje.")
            raise _refusal(sentence % {"name": name})
    if send.format != "json" and not _is_flat(send.body):
        raise _refusal(_("Con «format» form o query, «send.body» es una lista simple de campos."))


def _refuse_strangers(text: str, where: str, known: frozenset[str]) -> None:
    for name in PLACEHOLDER.findall(text):
        if name not in known:
            sentence = _("«%(where)s» no puede llevar {{%(name)s}}; puede llevar %(known)s.")
            told = ", ".join(f"{{{{{one}}}}}" for one in sorted(known))
            raise _refusal(sentence % {"where": where, "name": name, "known": told})


def _is_flat(body: Body) -> bool:
    return isinstance(body, dict) and all(isinstance(value, str) for value in body.values())
