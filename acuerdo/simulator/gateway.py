"""Talks to the simulator's provider, which posts signed notices to us as a real one does."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.simulator import lines

TIMEOUT = 5
SCOPED_ID = "bsuid:"
WORDS = {
    "inbound": gettext_lazy("mensaje"),
    "sent": gettext_lazy("enviado"),
    "delivered": gettext_lazy("entregado"),
    "opened": gettext_lazy("leído"),
    "failed": gettext_lazy("fallido"),
}


@dataclass(frozen=True)
class Bubble:
    """One message of the thread, as the debtor's phone shows it."""

    id: str
    is_ours: bool
    subject: str
    body: str
    status: str
    at: datetime
    kind: str = ""
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Posted:
    """A notice that went to our webhook, and what was answered: zero when nobody did."""

    at: datetime
    what: str
    answer: int

    @property
    def is_taken(self) -> bool:
        return bool(self.answer) and self.answer < httpx.codes.BAD_REQUEST

    @property
    def words(self) -> str:
        return str(WORDS.get(self.what, self.what))


def thread(account: ChannelAccount, addresses: Iterable[str]) -> list[Bubble]:
    """Both directions, oldest first; raises Refusal when the provider is not there."""
    asked = {"to": list(addresses), "callback": lines.callback(account)}
    answer = _call("GET", "/messages", params=asked)
    return [_bubble(item) for item in answer.get("messages", [])]


def write(account: ChannelAccount, *, address: str, body: str, **more: str) -> None:
    """The debtor writes: the provider tells our webhook about it.

    Whoever hides the number is told by the id that the provider made for us alone.
    """
    who = {"from": address}
    if address.startswith(SCOPED_ID):
        who = {"from": "", "user_id": address.removeprefix(SCOPED_ID)}
    _introduce(account)
    _call("POST", "/inbound", json={"body": body, **who, **more, **_line(account)})


def report(account: ChannelAccount, *, message: str, status: str, code: str = "") -> None:
    """The provider tells our webhook what became of one of our messages."""
    _introduce(account)
    _call("POST", "/status", json={"id": message, "status": status, "code": code})


def manners(account: ChannelAccount) -> dict[str, Any]:
    """How the provider treats this line; see ``simulator.manners``."""
    return _call("GET", "/knobs", params=_line(account))


def set_manners(account: ChannelAccount, values: dict[str, Any]) -> None:
    _introduce(account)
    _call("POST", "/knobs", json=values | _line(account))


def close_window(account: ChannelAccount, address: str) -> None:
    """Until the person writes again the provider takes nothing but templates for them."""
    _introduce(account)
    _call("POST", "/window", json={"address": address, "open": False, **_line(account)})


def posted(account: ChannelAccount) -> list[Posted]:
    """The last notices, newest first."""
    told = _call("GET", "/posted", params=_line(account)).get("posted", [])
    return [Posted(_moment(each), str(each["what"]), int(each["answer"])) for each in told[::-1]]


def set_clock() -> None:
    """The provider's notices carry the demonstration's time, not ours."""
    _call("POST", "/clock", json={"offset": clock.offset().total_seconds()})


def _introduce(account: ChannelAccount) -> None:
    set_clock()
    _call("POST", "/accounts", json=lines.introduction(account))


def _line(account: ChannelAccount) -> dict[str, str]:
    return {"callback": lines.callback(account)}


def _call(method: str, path: str, **options: Any) -> dict[str, Any]:
    try:
        answer = httpx.request(
            method, f"{settings.PROVIDER_URL}{path}", timeout=TIMEOUT, trust_env=False, **options
        )
        content = answer.json()
    except (httpx.HTTPError, ValueError) as fault:
        raise Refusal(
            "no_provider", _("El proveedor simulado no responde: ¿está en marcha?"), status=409
        ) from fault
    if answer.is_error:
        raise Refusal(
            "provider_refused", _("El proveedor simulado no aceptó el pedido."), status=409
        )
    return content if isinstance(content, dict) else {}


def _bubble(item: dict[str, Any]) -> Bubble:
    return Bubble(
        id=str(item.get("id", "")),
        is_ours=item.get("event") == "accepted",
        subject=str(item.get("subject") or ""),
        body=str(item.get("body", "")),
        status=str(item.get("status", "")),
        at=_moment(item),
        kind=str(item.get("kind") or ""),
        buttons=tuple(item.get("buttons") or ()),
    )


def _moment(item: dict[str, Any]) -> datetime:
    """In the time of the demonstration, as it was then."""
    return datetime.fromtimestamp(float(item.get("when") or item.get("at") or 0), UTC)
