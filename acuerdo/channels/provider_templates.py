"""The templates that a provider keeps for an account: its list copied, its news heeded.

Only what the provider approves may be used; a template that it stops stays here with the
reason, because messages and flows name it.
"""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels import registry
from acuerdo.channels.adapter import AccountNotice, KeepsTemplates, RemoteTemplate, Unfetchable
from acuerdo.channels.models import ChannelAccount, ProviderTemplate
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

APPROVED = "APPROVED"
GONE = "GONE"
RED = "RED"
SHOWN = 200
# A notice about the category carries it behind this.
CATEGORY = "category:"
# Reinstated after a pause is approved again.
SAME_AS = {"REINSTATED": APPROVED, "FLAGGED": APPROVED}
STOPPED: dict[str, str | Promise] = {
    "PAUSED": gettext_lazy("Meta la pausó por baja calidad."),
    "DISABLED": gettext_lazy("Meta la deshabilitó."),
    "REJECTED": gettext_lazy("Meta la rechazó."),
    "PENDING": gettext_lazy("Meta todavía la revisa."),
    "IN_APPEAL": gettext_lazy("Meta revisa la apelación."),
    "PENDING_DELETION": gettext_lazy("Se está eliminando en Meta."),
    "DELETED": gettext_lazy("Se eliminó en Meta."),
    "LIMIT_EXCEEDED": gettext_lazy("Superó el límite de plantillas de la cuenta."),
    GONE: gettext_lazy("Ya no está en la lista de Meta."),
}

CATEGORIES: dict[str, str | Promise] = {
    "MARKETING": gettext_lazy("Oferta"),
    "UTILITY": gettext_lazy("Servicio"),
    "AUTHENTICATION": gettext_lazy("Autenticación"),
}


class Synced(NamedTuple):
    """How many the provider listed, and how many of ours it no longer does."""

    listed: int
    gone: int


def can_sync(account: ChannelAccount) -> bool:
    return isinstance(registry.adapter(account), KeepsTemplates)


def sync(account: ChannelAccount, *, by: User | None = None, at: datetime) -> Synced:
    """Copy the provider's list. The exchange comes first, outside any transaction.

    Raises Refusal where it could not be had in full: then nothing changes.
    """
    adapter = registry.adapter(account)
    if not isinstance(adapter, KeepsTemplates):
        raise Refusal("no_templates", _("Este conector no guarda plantillas."), status=409)
    try:
        listed = adapter.templates(account)
    except Unfetchable as fault:
        sentence = _("No se pudo traer la lista de plantillas: %(why)s") % {"why": fault}
        raise Refusal("unfetchable", sentence, status=409) from fault
    return copy(account, listed, by=by, at=at)


@transaction.atomic
def copy(
    account: ChannelAccount, listed: list[RemoteTemplate], *, by: User | None = None, at: datetime
) -> Synced:
    """``listed`` is the whole list: what is not in it is gone."""
    rows = [_row(account, each, at=at) for each in listed]
    ProviderTemplate.objects.bulk_create(
        {(row.name, row.language): row for row in rows}.values(),
        update_conflicts=True,
        unique_fields=["account", "name", "language"],
        update_fields=[
            "category", "status", "quality", "reason", "components", "provider_id", "synced_at",
        ],
    )  # fmt: skip
    known = {(row.name, row.language) for row in rows}
    lost = [row for row in account.templates.all() if (row.name, row.language) not in known]
    gone = account.templates.filter(pk__in=[row.pk for row in lost]).exclude(status=GONE)
    count = gone.update(status=GONE, synced_at=at)
    log.record(
        "channel.templates_synced", subject=account, by=by, at=at, listed=len(known), gone=count
    )
    return Synced(len(known), count)


def _row(account: ChannelAccount, each: RemoteTemplate, *, at: datetime) -> ProviderTemplate:
    return ProviderTemplate(
        account=account,
        name=each.name,
        language=each.language,
        category=each.category[:30],
        status=each.status[:30],
        quality=each.quality[:10],
        reason="",
        components=each.components,
        provider_id=each.provider_id,
        synced_at=at,
    )


class Shown(NamedTuple):
    """``category`` in words, and why the template cannot be used (empty when it can)."""

    row: ProviderTemplate
    category: str
    fault: str


def shown(account: ChannelAccount) -> list[Shown] | None:
    """The list as people read it; None where the provider keeps no templates."""
    if not can_sync(account):
        return None
    return [
        Shown(row, str(CATEGORIES.get(row.category, row.category)), fault(row))
        for row in account.templates.all()[:SHOWN]
    ]


def sync_all(*, at: datetime) -> None:
    """Every account's list; one that cannot be had waits for the next time."""
    for account in ChannelAccount.objects.filter(is_active=True):
        if can_sync(account):
            try:
                sync(account, at=at)
            except Refusal:
                continue


@transaction.atomic
def heed(account: ChannelAccount, notice: AccountNotice, *, at: datetime) -> None:
    """What the provider told, ``at`` that moment, of a template: its state, category or quality.

    What is older than the list that was copied since changes nothing.
    """
    found = account.templates.filter(name=notice.name, synced_at__lte=at)
    rows = found.filter(language=notice.language) if notice.language else found
    if notice.kind == "quality":
        rows.update(quality=notice.value[:10])
    elif notice.value.startswith(CATEGORY):
        rows.update(category=notice.value.removeprefix(CATEGORY)[:30])
    else:
        status = SAME_AS.get(notice.value, notice.value)
        rows.update(status=status[:30], reason=notice.detail[:200])
    log.record(
        "channel.template_changed",
        subject=account,
        at=at,
        template=notice.name,
        language=notice.language,
        value=notice.value,
    )


def fault(template: ProviderTemplate) -> str:
    """Why ``template`` may not be used now, in words; empty when it may."""
    if template.status == APPROVED:
        return ""
    words = str(STOPPED.get(template.status, _("Meta no la ha aprobado.")))
    return f"{words} {template.reason}".strip()
