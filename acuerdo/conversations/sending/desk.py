"""Por resolver: what was not delivered, what waits, and what nobody can vouch for, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from acuerdo.channels.explanations import Explanation
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Message, Outgoing, Setback
from acuerdo.conversations.sending import reasons, setbacks
from acuerdo.organization import settings
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.ui import filtering, pagination
from acuerdo.ui.pagination import Page

RELATED = ("message__account", "message__interaction__customer")
# Of the queue: what should be leaving, and what leaves later.
DUE, LATER = "ahora", "despues"


@dataclass(frozen=True, slots=True)
class Item:
    """One message on the desk, and why it is there."""

    message: Message
    at: datetime
    why: Explanation


def failures(user: User, query: Mapping[str, str], *, status: str) -> QuerySet[Setback]:
    """Narrowed by account, reason and first moment, as the counters of the health page are."""
    rows = setbacks.standing_for(user).filter(status=status)
    account, code = filtering.number(query, "cuenta"), filtering.text(query, "motivo", longest=60)
    start = filtering.day(query, "desde")
    if account:
        rows = rows.filter(account_id=account)
    if code:
        rows = rows.filter(code="" if code == "-" else code)
    if start:
        rows = rows.filter(at__gte=day_begins(start))
    return rows


def day_begins(day: date) -> datetime:
    """Its midnight where the organisation is."""
    return clock.midnight(day, settings.current().time_zone)


def failure_page(rows: QuerySet[Setback], query: QueryDict) -> tuple[Page[Setback], list[Item]]:
    page = pagination.paginate(rows.select_related(*RELATED), query, by="at")
    return page, [Item(row.message, row.at, why(row.message)) for row in page.rows]


def queue(user: User, account: ChannelAccount, *, when: str, at: datetime) -> QuerySet[Outgoing]:
    """What waits to leave by one account; nothing of what a worker holds right now."""
    rows = due(waiting().filter(account_id=account.pk), when=when, at=at)
    reach = scope(user).condition("message__interaction__customer__")
    return rows.filter(reach) if reach else rows


def waiting() -> QuerySet[Outgoing]:
    return Outgoing.objects.filter(lease_until=None, held_reason="")


def due(rows: QuerySet[Outgoing], *, when: str, at: datetime) -> QuerySet[Outgoing]:
    return rows.filter(due_at__lte=at) if when == DUE else rows.filter(due_at__gt=at)


def queue_page(
    rows: QuerySet[Outgoing], query: QueryDict, *, at: datetime
) -> tuple[Page[Outgoing], list[Item]]:
    found = rows.select_related(*RELATED)
    page = pagination.paginate(found, query, by="due_at", descending=False)
    return page, [Item(row.message, row.due_at, _waits(row, at=at)) for row in page.rows]


def aside_words(reason: str) -> str:
    """Why a notice was set aside; the fault itself stays in the words of the code."""
    if reason == "unknown message":
        return _("Habla de un mensaje que no es nuestro.")
    kind, _colon, fault = reason.partition(": ")
    if kind == "unreadable":
        return _("No se pudo entender: %(fault)s") % {"fault": fault}
    if kind == "partly":
        words = _("Se atendió lo que se pudo entender. El resto (%(fault)s) quedó aquí.")
        return words % {"fault": fault}
    return _("Falló al leerlo: %(fault)s") % {"fault": reason}


def why(message: Message) -> Explanation:
    entry = message.interaction
    return reasons.told(message.account.adapter, entry.reason, entry.reason_text)


def _waits(row: Outgoing, *, at: datetime) -> Explanation:
    """The reason it was put off for, else whatever holds the whole account."""
    account, organization = row.message.account, settings.current()
    if row.message.interaction.reason:
        return why(row.message)
    if organization.sending_paused_at:
        return Explanation(
            _("Los envíos están en pausa: %(why)s") % {"why": organization.sending_paused_reason},
            _("Un administrador los reanuda en «Salud de los canales»."),
        )
    if account.stopped_reason:
        return Explanation(
            _("El canal está detenido: %(why)s") % {"why": account.stopped_reason},
            _("Un administrador lo reanuda en «Salud de los canales»."),
        )
    if not account.is_active:
        return Explanation(_("La cuenta está inactiva."), _("Actívela en Ajustes › Canales."))
    if row.due_at > at:
        return Explanation(_("Programado para esa hora."), "")
    return Explanation(_("Espera su turno."), "")
