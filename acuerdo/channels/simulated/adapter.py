"""The channel of development, tests and the demonstration: our own stand-in provider."""

from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from acuerdo.channels import reading, secrets
from acuerdo.channels.adapter import (
    REVOKED,
    Delivery,
    InboundMessage,
    Need,
    Notice,
    Outcome,
    Parcel,
    Result,
    StatusChange,
    Unreadable,
    Waits,
    plain,
)
from acuerdo.channels.exchange import Answer, Wire
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives import signing
from acuerdo.primitives.refusals import Refusal

SIGNATURE = "X-Acuerdo-Signature"
TIMEOUT = 20
STATUSES = ("sent", "delivered", "opened", "failed")


class Simulated:
    label = _("Proveedor simulado")
    channels = ("whatsapp", "sms", "email")
    is_rehearsal = True
    needs = (Need("secret", _("Secreto de los avisos"), is_secret=True),)
    concurrency = 16
    patience = 3 * TIMEOUT

    def __init__(self) -> None:
        self.wire = Wire(TIMEOUT)

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        url = account.config.get("url") or settings.PROVIDER_URL
        try:
            secret = secrets.unseal(account.secrets).get("secret", "")
        except Refusal as fault:
            return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=str(fault))
        answer = self.wire.ask(
            "POST", f"{url}/messages", json=_request(account, parcel, secret), hidden=(secret,)
        )
        return answer if isinstance(answer, Result) else _result(answer)

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        secret = secrets.for_verifying(account.secrets).get("secret", "")
        sent = delivery.headers.get(SIGNATURE, "")
        return signing.is_signed(secret, delivery.body, sent.removeprefix("sha256="))

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        del account
        try:
            content = reading.json_object(delivery.body)
            messages = reading.each(content.get("messages", []), _message)
            statuses = reading.each(content.get("statuses", []), _status)
            return reading.sensible([*messages, *statuses])
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise Unreadable(f"{type(fault).__name__}: {fault}") from fault


ADAPTER = Simulated()


def _request(account: ChannelAccount, parcel: Parcel, secret: str) -> dict[str, str]:
    return {
        "token": parcel.token,
        "channel": parcel.channel,
        "to": parcel.recipient,
        "from": account.sender,
        "subject": parcel.subject,
        "body": parcel.body,
        "callback": f"{settings.BASE_URL}/webhooks/{account.key}/",
        # A real provider is told this once, on its own settings page.
        "secret": secret,
    }


def _result(answer: Answer) -> Result:
    content = answer.json()
    code = plain(content.get("code", answer.status), most=60)
    detail = plain(content.get("detail", ""))
    if answer.status == httpx.codes.TOO_MANY_REQUESTS:
        return _later(answer, code)
    if answer.status == httpx.codes.UNAUTHORIZED:
        return Result(Outcome.NOT_TAKEN, code=REVOKED, detail=detail)
    if httpx.codes.is_client_error(answer.status):
        return Result(Outcome.REFUSED, code=code, detail=detail)
    provider_id = content.get("id") if answer.is_success else None
    if isinstance(provider_id, str) and provider_id:
        return Result(Outcome.ACCEPTED, provider_id=provider_id)
    return Result(Outcome.UNCERTAIN, code=str(answer.status))


def _later(answer: Answer, code: str) -> Result:
    asked = answer.json().get("retry_after")
    return Result(
        Outcome.NOT_TAKEN,
        code=code,
        detail="too many requests",
        retry_after=asked if isinstance(asked, int) else answer.retry_after,
        waits=Waits.RECIPIENT if code == "pair" else Waits.ACCOUNT,
    )


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
