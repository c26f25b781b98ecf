"""Mail through a hosted service, by way of django-anymail."""

import base64
import binascii
import hmac
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.base import AnymailCoreWebhookView
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels import reading, secrets
from acuerdo.channels.adapter import (
    Delivery,
    Malformed,
    Need,
    Notice,
    Outcome,
    Parcel,
    Result,
    Unread,
    Unreadable,
    plain,
)
from acuerdo.channels.hosted_mail import notices, posting
from acuerdo.channels.hosted_mail.providers import PROVIDERS, Provider
from acuerdo.channels.letters.composing import compose
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives.refusals import Refusal

TIMEOUT = 30
INBOUND = "inbound"
MULTIPART = "multipart/form-data"
# More events in one body than any service posts.
MOST_PARTS = 2000


class HostedMail:
    label = gettext_lazy("Servicio de correo (Mailgun, Postmark y otros)")
    channels = ("email",)
    needs = (
        Need(
            "service",
            gettext_lazy("Servicio"),
            options=tuple((name, each.label) for name, each in PROVIDERS.items()),
        ),
        Need("api_key", gettext_lazy("Clave de la interfaz"), is_secret=True),
        Need(
            "secret_key",
            gettext_lazy("Segunda clave (Mailjet)"),
            is_secret=True,
            is_required=False,
        ),
        Need("sender_domain", gettext_lazy("Dominio (Mailgun)"), is_required=False),
        Need(
            "webhook_secret",
            gettext_lazy("Usuario y clave de los avisos"),
            is_secret=True,
            is_required=False,
            help=gettext_lazy("usuario:clave, como van en la dirección de los avisos."),
        ),
        Need(
            "signing_key",
            gettext_lazy("Clave de firma de avisos (Mailgun)"),
            is_secret=True,
            is_required=False,
        ),
        Need("reply_domain", gettext_lazy("Dominio o buzón de respuestas"), is_required=False),
        Need("api_url", gettext_lazy("Dirección de la interfaz"), is_required=False),
    )
    concurrency = 8
    patience = 4 * TIMEOUT
    # An inbound letter comes whole, with its files.
    most_bytes = 8 * 1024 * 1024

    def __init__(self) -> None:
        self.timeout: float = TIMEOUT

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        try:
            provider, values = _provider(account), _values(account)
            options = _options(provider.keys, values)
            if values.get("api_url"):
                options["api_url"] = values["api_url"]
        except Refusal as fault:
            return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=fault.sentence)
        try:
            letter = posting.letter(compose(account, parcel), parcel.files, parcel.token)
        except (ValueError, UnicodeError) as fault:
            return Result(Outcome.REFUSED, code="unwritable", detail=str(fault)[:300])
        letter.extra_headers.update(provider.headers)
        # A service without a place for our token still sends the letter.
        backend: Any = provider.backend(
            timeout=self.timeout, ignore_unsupported_features=True, **options
        )
        return posting.post(
            backend, letter, hidden=(values["api_key"], values.get("secret_key", ""))
        )

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        """The name and password of the address, always; and the service's signature if it signs."""
        told = secrets.for_verifying(account.secrets)
        if not _is_basic(told.get("webhook_secret", ""), delivery):
            return False
        try:
            view = _view(account, delivery, told)
            view.run_validators(notices.request(delivery))
        except (AnymailWebhookValidationFailure, Refusal):
            return False
        except Exception:
            # The library stumbled over what it was to check: that is no proof either.
            return False
        return True

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        _refuse_malformed(delivery, notices.request(delivery))
        try:
            return _read(account, delivery)
        except Unreadable:
            parts = notices.parts(delivery)
            if not 1 < len(parts) <= MOST_PARTS:
                raise
        # Services post many events at once: the one that spoils them is told from the others.
        return reading.sensible(
            [
                notice
                for part in parts
                for notice in _read_part(account, replace(delivery, body=part))
            ]
        )


ADAPTER = HostedMail()


def _provider(account: ChannelAccount) -> Provider:
    found = PROVIDERS.get(str(account.config.get("service", "")))
    if found is None:
        raise Refusal("misconfigured", _("Elija el servicio de correo de la cuenta."))
    return found


def _values(account: ChannelAccount) -> dict[str, str]:
    told = {name: str(value) for name, value in account.config.items()}
    return told | secrets.unseal(account.secrets)


def _options(keys: Any, values: dict[str, str]) -> dict[str, str]:
    missing = [ours for ours in keys.values() if not values.get(ours)]
    # Mailgun takes the domain of the sender when it is told none.
    if set(missing) - {"sender_domain"}:
        raise Refusal("misconfigured", _("Faltan claves del servicio de correo."))
    return {theirs: values[ours] for theirs, ours in keys.items() if values.get(ours)}


def _read(account: ChannelAccount, delivery: Delivery) -> list[Notice]:
    try:
        events = _view(account, delivery, {}).parse_events(notices.request(delivery))
        if _is_inbound(delivery):
            return [notice for one in events for notice in notices.of_letter(one.message)]
        return [notice for one in events for notice in notices.of_event(one)]
    except Unreadable:
        raise
    except Exception as fault:
        raise Unreadable(f"{type(fault).__name__}: {fault}"[:200]) from fault


def _read_part(account: ChannelAccount, delivery: Delivery) -> list[Notice]:
    try:
        return _read(account, delivery)
    except Unreadable as fault:
        return [Unread(plain(fault, most=200))]


def _is_inbound(delivery: Delivery) -> bool:
    try:
        return parse_qs(delivery.query, max_num_fields=20).get("kind") == [INBOUND]
    except ValueError:
        return False


def _view(
    account: ChannelAccount, delivery: Delivery, told: dict[str, str]
) -> AnymailCoreWebhookView:
    provider = _provider(account)
    view = provider.inbound if _is_inbound(delivery) else provider.tracking
    if view is None:
        raise Refusal("no_inbound", _("Este servicio no entrega correo entrante aquí."))
    # Whoever only reads what was verified before needs no key, and the library insists on one.
    keys = {theirs: told.get(ours) or "none" for theirs, ours in provider.notice_keys.items()}
    if told and not all(told.get(ours) for ours in provider.notice_keys.values()):
        raise Refusal("misconfigured", _("Falta la clave de firma de los avisos."))
    # Without a password of its own the library would warn; whoever only reads checks nothing.
    made: AnymailCoreWebhookView = view(webhook_secret=told.get("webhook_secret") or "-", **keys)
    return made


def _is_basic(secret: str, delivery: Delivery) -> bool:
    scheme, _space, told = delivery.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic" or ":" not in secret:
        return False
    try:
        sent = base64.b64decode(told.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(secret.encode(), sent)


def _refuse_malformed(delivery: Delivery, request: Any) -> None:
    kind = reading.media_type(delivery.content_type)
    if kind == "application/json":
        reading.json_value(delivery.body)
        return
    if kind not in {reading.FORM, MULTIPART}:
        raise Malformed("neither JSON nor a form")
    try:
        is_empty = not request.POST and not request.FILES
    except Exception as fault:
        raise Malformed(f"not a form: {type(fault).__name__}") from None
    if is_empty:
        raise Malformed("an empty form")
