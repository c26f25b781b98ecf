"""What keeps an account from working: settings that are missing, and the provider's own clause."""

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from acuerdo.channels import connectors, registry, secrets
from acuerdo.channels.adapter import ChecksSettings, Need
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.organization import settings as organization
from acuerdo.organization.models import TenantType
from acuerdo.primitives.refusals import Refusal


class Fault(NamedTuple):
    """``field`` names the setting at fault, where there is one."""

    code: str
    sentence: str
    remedy: str
    field: str = ""


def faults(account: ChannelAccount) -> list[Fault]:
    """Everything that has to be put right before ``account`` may be active."""
    if account.adapter not in settings.CHANNEL_ADAPTERS:
        sentence = _("El conector «%(name)s» ya no existe.") % {"name": account.adapter}
        return [Fault("no_adapter", sentence, _("Cree otra cuenta con un conector vigente."))]
    return [*_settings(account), *_clause(account)]


def refuse_unanswered(account: ChannelAccount) -> None:
    """Refusal while Meta's clause concerns ``account`` and nobody has answered for it."""
    for fault in _clause(account):
        raise Refusal(fault.code, f"{fault.sentence} {fault.remedy}", status=409)


def needs_acknowledgement(account: ChannelAccount) -> bool:
    """Whether Meta's clause on debt collection concerns this account and this organisation."""
    if account.channel != Channel.WHATSAPP or connectors.of(account).is_rehearsal:
        return False
    return organization.current().tenant_type != TenantType.CREDITOR


def is_acknowledged(account: ChannelAccount) -> bool:
    """As the kind of organisation that this is today: another kind has to be answered for anew."""
    kind = organization.current().tenant_type
    return bool(account.pk) and account.acknowledgements.filter(tenant_type=kind).exists()


def _settings(account: ChannelAccount) -> Iterator[Fault]:
    remedy = _("Complételo en Ajustes › Canales › %(name)s.") % {"name": account.name}
    try:
        sealed = secrets.unseal(account.secrets)
    except Refusal as refusal:
        yield Fault(refusal.code, refusal.sentence, remedy)
        return
    missing = [need for need in connectors.of(account).needs if need.is_required]
    missing = [need for need in missing if not _told(need, account, sealed)]
    for need in missing:
        sentence = _("Falta «%(label)s».") % {"label": need.label}
        yield Fault("missing_setting", sentence, remedy, need.name)
    adapter = registry.adapter(account)
    if not missing and isinstance(adapter, ChecksSettings):
        for name, sentence in adapter.settings_faults(account):
            yield Fault("wrong_setting", sentence, remedy, name)


def _told(need: Need, account: ChannelAccount, sealed: dict[str, str]) -> object:
    return sealed.get(need.name) if need.is_secret else account.config.get(need.name)


def _clause(account: ChannelAccount) -> Iterator[Fault]:
    if not needs_acknowledgement(account):
        return
    if not organization.current().tenant_type:
        yield Fault(
            "no_tenant_type",
            _("Falta decir qué tipo de organización es."),
            _("Elíjalo en Ajustes › Organización: la política de Meta depende de ello."),
        )
    elif not is_acknowledged(account):
        yield Fault(
            "no_acknowledgement",
            _("Falta la constancia sobre la cláusula de cobranza de Meta."),
            _("Un administrador la registra en la página de la cuenta."),
        )
