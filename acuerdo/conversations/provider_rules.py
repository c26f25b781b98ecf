"""What an account's provider asks beyond the law, for messages that are about to leave.

Free text only inside the service window; a template only while it is approved; nothing of
ours to many at once while the quality is red; no more persons a day than the limit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from acuerdo.channels import provider_templates
from acuerdo.channels.models import ChannelAccount, ProviderTemplate
from acuerdo.conversations import holding, windows
from acuerdo.conversations.holding import Hold
from acuerdo.conversations.windows import Window
from acuerdo.interactions.models import AUTOMATIC_ORIGINS
from acuerdo.primitives.arrays import literal
from acuerdo.ui import formatting

DAY = timedelta(hours=24)
# A template that is not asked for counts against this number of persons.
LIMIT = "daily_recipients"
OVER = "recipient_limit"


class Wanted(NamedTuple):
    """A message that is about to leave."""

    id: int
    customer_id: int
    address: str
    origin: str
    template_call: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """Those that may never leave, those that are held, and those that wait until a moment."""

    closed: dict[int, Hold] = field(default_factory=dict)
    held: dict[int, Hold] = field(default_factory=dict)
    later: dict[int, tuple[datetime, str]] = field(default_factory=dict)

    def allows(self, id_: int) -> bool:
        return id_ not in self.closed and id_ not in self.held and id_ not in self.later


def ask(account: ChannelAccount, wanted: Sequence[Wanted], *, at: datetime, zone: str) -> Ruling:
    """``zone`` is the one that moments are told in."""
    if windows.length(account) is None or not wanted:
        return Ruling()
    known = windows.many(account, [(row.customer_id, row.address) for row in wanted])
    ruling = Ruling()
    templates = _templates(account, wanted)
    for row in wanted:
        window = known[row.customer_id, row.address]
        hold = _hold(account, row, templates)
        if hold:
            ruling.held[row.id] = hold
        elif row.template_call is None and not window.is_open(at):
            ruling.closed[row.id] = Hold("window_closed", closed_words(window, zone))
    asked = [row for row in wanted if ruling.allows(row.id)]
    outside = [row for row in asked if not known[row.customer_id, row.address].is_open(at)]
    ruling.later.update(_over_limit(account, outside, at=at))
    return ruling


def closed_words(window: Window, zone: str) -> str:
    if window.closes_at is None:
        return _("El cliente nunca escribió a este número: envíe una plantilla aprobada.")
    when = formatting.local_time(window.closes_at, zone)
    return _("La ventana de 24 horas se cerró el %(when)s: envíe una plantilla aprobada.") % {
        "when": when
    }


def _hold(
    account: ChannelAccount, row: Wanted, templates: dict[tuple[str, str], ProviderTemplate]
) -> Hold | None:
    if row.template_call is not None:
        template = templates.get(_name(row.template_call))
        why = provider_templates.fault(template) if template else ""
        if why:
            return Hold(holding.TEMPLATE, why)
        is_red = template is not None and template.quality == provider_templates.RED
    else:
        is_red = False
    if row.origin in AUTOMATIC_ORIGINS and (is_red or account.quality == provider_templates.RED):
        return Hold(holding.QUALITY)
    return None


def _templates(
    account: ChannelAccount, wanted: Iterable[Wanted]
) -> dict[tuple[str, str], ProviderTemplate]:
    names = {_name(row.template_call)[0] for row in wanted if row.template_call}
    if not names:
        return {}
    return {(row.name, row.language): row for row in account.templates.filter(name__in=names)}


def _name(call: dict[str, Any]) -> tuple[str, str]:
    return str(call.get("name", "")), str(call.get("language", ""))


def _over_limit(
    account: ChannelAccount, rows: Sequence[Wanted], *, at: datetime
) -> dict[int, tuple[datetime, str]]:
    """Those that would be one person too many; somebody written to today costs nothing more."""
    told = str(account.config.get(LIMIT) or "")
    if not told.isdigit() or not rows:
        return {}
    reached = _reached(account, at=at)
    places = iter(sorted(reached.values())[-int(told) :] if int(told) else ())
    later: dict[int, tuple[datetime, str]] = {}
    free_at = at
    for row in rows:
        if row.address in reached:
            continue
        if len(reached) < int(told):
            reached[row.address] = at
        else:
            # One place is free a day after each: those who wait do not all come for the first.
            free_at = next(places, free_at)
            later[row.id] = (free_at + DAY, OVER)
    return later


def _reached(account: ChannelAccount, *, at: datetime) -> dict[str, datetime]:
    """Whom any account of the same business wrote a template within a day, and when first."""
    business = account.config.get("business_account_id")
    family = ChannelAccount.objects.filter(adapter=account.adapter)
    ids = [row.pk for row in family if row.config.get("business_account_id") == business]
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, [at - DAY, literal(ids), at - DAY])
        return {row[0]: row[1] for row in cursor.fetchall()}


# The register's index by time narrows it to the days in question: a message stands there
# by the moment it was due, which comes before the one it was begun.
_REACHED = """
SELECT message.address, min(attempt.started_at)
FROM interactions_interaction AS entry
JOIN conversations_message AS message ON message.interaction_id = entry.id
JOIN conversations_attempt AS attempt ON attempt.message_id = entry.id
WHERE entry.at > %s - interval '7 days' AND entry.kind = 'message'
    AND entry.direction = 'outgoing' AND message.account_id = ANY(%s::bigint[])
    AND message.template_call IS NOT NULL AND attempt.started_at > %s
    AND attempt.outcome NOT IN ('not_taken', 'refused')
GROUP BY message.address
"""
