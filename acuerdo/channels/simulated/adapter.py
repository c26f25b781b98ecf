"""The channel of development, tests and the demonstration: our own stand-in provider."""

from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from acuerdo.channels import reading, secrets
from acuerdo.channels.adapter import (
    Delivery,
    InboundMessage,
    Need,
    Notice,
    Outcome,
    Parcel,
    Result,
    StatusChange,
    Unreadable,
    plain,
)
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives import signing
from acuerdo.primitives.refusals import Refusal

SIGNATURE = "X-Acuerdo-Signature"
TIMEOUT = 20
STATUSES = ("sent", "delivered", "opened", "failed")
# Before the request was written, the provider cannot have taken it.
NEVER_OPENED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Simulated:
    label = _("Proveedor simulado")
    channels = ("whatsapp", "sms", "email")
    is_rehearsal = True
    needs = (Need("secret", str(_("Secreto de los avisos")), is_secret=True),)
    concurrency = 16
    patience = 3 * TIMEOUT

    def __init__(self) -> None:
        transport = httpx.HTTPTransport(retries=0)
        self._client = httpx.Client(
            transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False
        )

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        url = account.config.get("url") or settings.PROVIDER_URL
        try:
            request = _request(account, parcel)
        except Refusal as fault:
            return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=str(fault))
        try:
            answer = self._client.post(f"{url}/messages", json=request)
        except NEVER_OPENED as fault:
            return Result(Outcome.NOT_TAKEN, code="unreachable", detail=type(fault).__name__)
        except httpx.HTTPError as fault:
            return Result(Outcome.UNCERTAIN, code="no_answer", detail=type(fault).__name__)
        return _result(answer)

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        secret = secrets.unseal(account.secrets).get("secret", "")
        sent = delivery.headers.get(SIGNATURE, "")
        return signing.is_signed(secret, delivery.body, sent.removeprefix("sha256="))

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        del account
        try:
            content = reading.json_object(delivery.body)
            messages = [_message(item) for item in content.get("messages", [])]
            return [*messages, *(_status(item) for item in content.get("statuses", []))]
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise Unreadable(f"{type(fault).__name__}: {fault}") from fault


ADAPTER = Simulated()


def _request(account: ChannelAccount, parcel: Parcel) -> dict[str, str]:
    return {
        "token": parcel.token,
        "channel": parcel.channel,
        "to": parcel.recipient,
        "from": account.sender,
        "subject": parcel.subject,
        "body": parcel.body,
        "callback": f"{settings.BASE_URL}/webhooks/{account.key}/",
        # A real provider is told this once, on its own settings page.
        "secret": secrets.unseal(account.secrets).get("secret", ""),
    }


def _result(answer: httpx.Response) -> Result:
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return Result(Outcome.NOT_TAKEN, code="429", detail="too many requests")
    if answer.is_client_error:
        content = _content(answer)
        code = str(content.get("code", answer.status_code))
        return Result(Outcome.REFUSED, code=code, detail=str(content.get("detail", "")))
    provider_id = _content(answer).get("id") if answer.is_success else None
    if isinstance(provider_id, str) and provider_id:
        return Result(Outcome.ACCEPTED, provider_id=provider_id)
    return Result(Outcome.UNCERTAIN, code=str(answer.status_code))


def _content(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _message(item: dict[str, Any]) -> InboundMessage:
    return InboundMessage(
        provider_id=_required(item["id"], most=200),
        sender=_required(item["from"], most=254),
        body=_required(item["body"], most=65_536),
        name=plain(item.get("name", ""), most=120),
    )


def _status(item: dict[str, Any]) -> StatusChange:
    if item["status"] not in STATUSES:
        raise ValueError(f"status {item['status']!r}")
    return StatusChange(
        status=item["status"],
        provider_id=plain(item.get("id", ""), most=200),
        token=plain(item.get("token", ""), most=60),
        code=plain(item.get("code", ""), most=60),
        detail=plain(item.get("detail", "")),
    )


def _required(value: object, *, most: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text was expected")
    return plain(value, most=most)
