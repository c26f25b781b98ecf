"""Talks to the stand-in provider, which posts signed notices to us as a real one does."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from acuerdo.channels import secrets
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

TIMEOUT = 5


@dataclass(frozen=True)
class Bubble:
    """One message of the thread, as the debtor's phone shows it."""

    id: str
    is_ours: bool
    subject: str
    body: str
    status: str
    at: datetime


def thread(address: str) -> list[Bubble]:
    """Both directions, oldest first; raises Refusal when the provider is not there."""
    answer = _call("GET", "/messages", params={"to": address})
    return [_bubble(item) for item in answer.get("messages", [])]


def write(account: ChannelAccount, *, address: str, name: str, body: str) -> None:
    """The debtor writes: the provider tells our webhook about it."""
    _call(
        "POST",
        "/inbound",
        json={"from": address, "name": name, "body": body, **_signed(account)},
    )


def report(account: ChannelAccount, *, message: str, status: str, detail: str = "") -> None:
    """The provider tells our webhook what became of one of our messages."""
    news = {"id": message, "status": status, "secret": _signed(account)["secret"]}
    if detail:
        news |= {"code": "undeliverable", "detail": detail}
    _call("POST", "/status", json=news)


def _signed(account: ChannelAccount) -> dict[str, str]:
    return {
        "callback": f"{settings.BASE_URL}/webhooks/{account.key}/",
        "secret": secrets.unseal(account.secrets).get("secret", ""),
    }


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
        # The provider lives in real time; the phone, in the time of the demonstration.
        at=datetime.fromtimestamp(float(item.get("at", 0)), UTC) + clock.offset(),
    )
