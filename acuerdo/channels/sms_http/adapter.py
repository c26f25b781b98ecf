"""SMS through any gateway that speaks HTTP, described by data instead of code."""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from acuerdo.channels import exchange, secrets
from acuerdo.channels.adapter import (
    REVOKED,
    Delivery,
    Need,
    Notice,
    Outcome,
    Parcel,
    Result,
    Unreadable,
    Waits,
)
from acuerdo.channels.exchange import Answer, Wire
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sms_http import definition, filling, payloads, signature
from acuerdo.channels.sms_http.definition import Gateway
from acuerdo.primitives.refusals import Refusal

TIMEOUT = 30
REVOKING = frozenset({401, 403})
WAITING = frozenset({402, 429})
# A gateway that says "I have it already", or gave up on reading us, may have taken it.
UNCLEAR = frozenset({408, 409})


class HttpGateway:
    label = _("Pasarela SMS por HTTP")
    channels = ("sms",)
    needs = (
        Need(
            "gateway",
            _("Definición de la pasarela"),
            help=_("JSON; hay dos ejemplos en la carpeta examples de la instalación."),
            is_long=True,
        ),
        Need("api_user", _("Usuario"), is_required=False),
        Need("api_key", _("Clave"), is_secret=True, is_required=False),
        Need("webhook_secret", _("Secreto de los avisos"), is_secret=True, is_required=False),
    )
    concurrency = 8
    patience = 4 * TIMEOUT

    def __init__(self) -> None:
        self.wire = Wire(TIMEOUT)

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        try:
            gateway = definition.read(account.config.get("gateway"))
            values = _values(account, parcel, gateway)
        except Refusal as fault:
            return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=fault.sentence)
        told = self.wire.ask(
            gateway.send.method,
            filling.url(gateway.send, values),
            hidden=_hidden(values),
            **filling.request(gateway.send, values),
        )
        return told if isinstance(told, Result) else _result(gateway, told)

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        try:
            gateway = definition.read(account.config.get("gateway"))
        except Refusal:
            return False
        secret = secrets.for_verifying(account.secrets).get("webhook_secret", "")
        return signature.is_signed(gateway.signature, secret, delivery)

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        try:
            gateway = definition.read(account.config.get("gateway"))
        except Refusal as fault:
            raise Unreadable(fault.sentence) from None
        return payloads.notices(gateway, delivery)

    def settings_faults(self, account: ChannelAccount) -> list[tuple[str, str]]:
        try:
            definition.read(account.config.get("gateway"))
        except Refusal as fault:
            return [("gateway", fault.sentence)]
        return []


ADAPTER = HttpGateway()


def _values(account: ChannelAccount, parcel: Parcel, gateway: Gateway) -> dict[str, str]:
    user = str(account.config.get("api_user", ""))
    key = secrets.unseal(account.secrets).get("api_key", "")
    callback = f"{settings.BASE_URL}/webhooks/{account.key}/"
    values = {
        "to": _number(parcel.recipient, gateway),
        "from": _number(account.sender, gateway),
        "text": parcel.body,
        "token": parcel.token,
        # The token comes back with each receipt: it proves that this attempt was taken.
        "callback": f"{callback}?{urlencode({'token': parcel.token})}",
        "api_user": user,
        "api_key": key,
        "basic": exchange.basic(user, key),
    }
    if not all(
        values[name].isprintable() and values[name].isascii() for name in ("api_user", "api_key")
    ):
        raise Refusal("misconfigured", str(_("El usuario o la clave tienen signos extraños.")))
    return values


def _hidden(values: dict[str, str]) -> tuple[str, ...]:
    key = values["api_key"]
    return (key, quote(key, safe=""), values["basic"])


def _number(value: str, gateway: Gateway) -> str:
    return value.removeprefix("+") if gateway.send.number == "digits" else value


def _result(gateway: Gateway, told: Answer) -> Result:
    paths = gateway.answer
    content = told.json()
    code = payloads.word(content, paths.code)
    detail = payloads.word(content, paths.detail)
    shown = (code or str(told.status))[:60]
    if told.status in REVOKING or (code and code in paths.revoked):
        return Result(Outcome.NOT_TAKEN, code=REVOKED, detail=f"{shown}: {detail}")
    if told.status in WAITING or (code and code in paths.busy):
        waits = {"retry_after": told.retry_after, "waits": Waits.ACCOUNT}
        return Result(Outcome.NOT_TAKEN, code=shown, detail=detail, **waits)  # type: ignore[arg-type]
    if _is_refusal(gateway, told):
        fault = payloads.address_fault(paths, code)
        return Result(Outcome.REFUSED, code=shown, detail=detail, address_fault=fault)
    provider_id = payloads.word(content, paths.id)
    if told.is_success and provider_id and payloads.is_chosen(content, paths.ok):
        return Result(Outcome.ACCEPTED, provider_id=provider_id)
    return Result(Outcome.UNCERTAIN, code=str(told.status), detail=detail)


def _is_refusal(gateway: Gateway, told: Answer) -> bool:
    """A clear no. Many gateways say it inside a 200."""
    if 400 <= told.status < 500:
        return told.status not in UNCLEAR
    ok = gateway.answer.ok
    said = payloads.word(told.json(), ok.path) if ok else ""
    return told.is_success and bool(said) and not payloads.is_chosen(told.json(), ok)
