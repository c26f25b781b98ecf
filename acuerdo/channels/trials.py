"""A real hand-over to an address that an administrator typed: no customer, so no contact."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from acuerdo.channels import readiness, receipts, sending
from acuerdo.channels.adapter import Outcome, Parcel, Result, TemplateCall
from acuerdo.channels.explanations import explain
from acuerdo.channels.models import Channel, ChannelAccount, ProviderTemplate
from acuerdo.events import log
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import phone
from acuerdo.primitives.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Trial:
    """What the provider answered, in words; ``tone`` is that of the screen."""

    tone: str
    title: str
    sentence: str
    remedy: str = ""
    detail: str = ""


def send(
    account: ChannelAccount,
    *,
    recipient: str,
    template: ProviderTemplate | None = None,
    by: User,
    at: datetime,
) -> Trial:
    """One exchange with the provider, outside any transaction. Raises Refusal while unready."""
    missing = [fault for fault in readiness.faults(account) if fault.code != "no_acknowledgement"]
    for fault in missing:
        raise Refusal(fault.code, f"{fault.sentence} {fault.remedy}", status=409)
    result = sending.send(account, _parcel(account, _address(account, recipient), template))
    log.record(
        "channel.tested", subject=account, by=by, at=at, outcome=result.outcome, code=result.code
    )
    return _told(account, result)


def bare_templates(account: ChannelAccount) -> list[ProviderTemplate]:
    """The approved ones without a variable: a provider may take nothing else from us first."""
    approved = account.templates.filter(status="APPROVED")
    return [row for row in approved if "{{" not in str(row.components)]


def _address(account: ChannelAccount, typed: str) -> str:
    """What the channel can reach, or a Refusal: an adapter is handed nothing else in life."""
    if account.channel != Channel.EMAIL:
        try:
            return phone.parse(typed, country=settings.current().country)
        except Refusal as why:
            raise Refusal(why.code, why.sentence, field="recipient") from why
    try:
        validate_email(typed)
    except ValidationError as why:
        words = _("«%(raw)s» no es un correo. Escriba una dirección como nombre@empresa.com.")
        raise Refusal("bad_email", words % {"raw": typed}, field="recipient") from why
    return typed


def _parcel(account: ChannelAccount, recipient: str, template: ProviderTemplate | None) -> Parcel:
    token = receipts.TRIAL + secrets.token_urlsafe(18)
    return Parcel(
        token=token,
        channel=account.channel,
        recipient=recipient,
        subject=_("Prueba de Acuerdo"),
        body=_("Esta es una prueba de la cuenta «%(name)s». No hay que responder.")
        % {"name": account.name},
        reference=token,
        template=TemplateCall(template.name, template.language) if template else None,
    )


def _told(account: ChannelAccount, result: Result) -> Trial:
    if result.outcome == Outcome.ACCEPTED:
        return Trial(
            "ok",
            _("El proveedor aceptó la prueba"),
            _("Compruebe que llegó. Identificador: %(id)s") % {"id": result.provider_id},
        )
    told = explain(account.adapter, result.code)
    titles = {
        Outcome.REFUSED: _("El proveedor rechazó la prueba"),
        Outcome.NOT_TAKEN: _("La prueba no salió"),
        Outcome.UNCERTAIN: _("El proveedor no respondió: no se sabe si llegó"),
    }
    tone = "warn" if result.outcome == Outcome.UNCERTAIN else "bad"
    detail = " · ".join(filter(None, (result.code, result.detail)))
    return Trial(tone, titles[result.outcome], told.sentence, told.remedy, detail)
