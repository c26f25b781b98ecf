"""What an account's provider asks beyond the law, for messages that are about to leave.

Free text only inside the service window; a template only while it is approved, and only for
those who agreed to be written to; nothing of ours to many at once while the quality is red;
no more persons a day than the limit; nothing where the provider takes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from acuerdo.channels import provider_templates, registry
from acuerdo.channels.adapter import AsksConsent, Forbids
from acuerdo.channels.models import ChannelAccount, ProviderTemplate
from acuerdo.contact_policy import opt_ins
from acuerdo.contact_policy.opt_ins import Consent
from acuerdo.conversations.sending import holding, states, windows
from acuerdo.conversations.sending.holding import Hold
from acuerdo.conversations.sending.windows import Window
from acuerdo.interactions.models import AUTOMATIC_ORIGINS, Origin
from acuerdo.organization import settings
from acuerdo.primitives.arrays import literal
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import formatting

DAY = timedelta(hours=24)
# A template that is not asked for counts against this number of persons.
LIMIT = "daily_recipients"
OVER = "recipient_limit"
MARKETING = "MARKETING"
Kept = dict[tuple[str, str], ProviderTemplate]
Closed = dict[int, Hold]


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
    ruling = Ruling()
    if not wanted:
        return ruling
    templates = _templates(account, wanted)
    ruling.closed.update(_forbidden(account, wanted, templates))
    if windows.length(account) is None:
        return ruling
    known = windows.many(account, [(row.customer_id, row.address) for row in wanted])
    for row in wanted:
        window = known[row.customer_id, row.address]
        hold = _hold(account, row, templates)
        if hold:
            ruling.held[row.id] = hold
        elif row.template_call is None and not window.is_open(at):
            ruling.closed[row.id] = Hold("window_closed", closed_words(window, zone))
    asked = [row for row in wanted if ruling.allows(row.id)]
    ruling.closed.update(_without_consent(account, asked, known, templates, at=at))
    asked = [row for row in asked if ruling.allows(row.id)]
    outside = [row for row in asked if not known[row.customer_id, row.address].is_open(at)]
    ruling.later.update(_over_limit(account, outside, at=at))
    return ruling


def refuse(
    account: ChannelAccount,
    customer_id: int,
    address: str,
    *,
    template_call: dict[str, Any] | None,
    at: datetime,
    zone: str,
) -> None:
    """Refuse what would never leave, before anybody writes it down. What is held may be."""
    row = Wanted(0, customer_id, address, Origin.MANUAL, template_call)
    hold = ask(account, [row], at=at, zone=zone).closed.get(row.id)
    if hold:
        raise Refusal(hold.reason, hold.text, field="body", status=409)


def _forbidden(account: ChannelAccount, wanted: Iterable[Wanted], templates: Kept) -> Closed:
    adapter = registry.adapter(account)
    if not isinstance(adapter, Forbids):
        return {}
    kind = settings.current().tenant_type
    codes = {
        row.id: adapter.forbids(row.address, tenant_type=kind, category=_category(row, templates))
        for row in wanted
    }
    return {id_: Hold(code, str(states.REASONS[code])) for id_, code in codes.items() if code}


def _without_consent(
    account: ChannelAccount,
    rows: Sequence[Wanted],
    known: dict[windows.Place, Window],
    templates: Kept,
    *,
    at: datetime,
) -> Closed:
    """Whom we would write first though they never agreed to it; an answer needs no agreement."""
    adapter = registry.adapter(account)
    if not rows or not isinstance(adapter, AsksConsent) or not adapter.asks_consent:
        return {}
    agreed = opt_ins.given({row.customer_id for row in rows}, channel=account.channel)
    closed: Closed = {}
    for row in rows:
        consent = agreed.get(row.customer_id, Consent())
        is_first = not known[row.customer_id, row.address].is_open(at)
        if is_first and not consent.is_given:
            closed[row.id] = Hold("no_opt_in", str(states.REASONS["no_opt_in"]))
        elif _category(row, templates) == MARKETING and not consent.covers_marketing:
            closed[row.id] = Hold("no_marketing_opt_in", str(states.REASONS["no_marketing_opt_in"]))
    return closed


def _category(row: Wanted, templates: Kept) -> str:
    template = templates.get(_name(row.template_call)) if row.template_call else None
    return template.category if template else ""


def closed_words(window: Window, zone: str) -> str:
    if window.closes_at is None:
        return _("El cliente nunca escribió a este número: envíe una plantilla aprobada.")
    when = formatting.local_time(window.closes_at, zone)
    return _("La ventana de 24 horas se cerró el %(when)s: envíe una plantilla aprobada.") % {
        "when": when
    }


def _hold(account: ChannelAccount, row: Wanted, templates: Kept) -> Hold | None:
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


def _templates(account: ChannelAccount, wanted: Iterable[Wanted]) -> Kept:
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
    _take_turns(str(business or account.pk))
    family = ChannelAccount.objects.filter(adapter=account.adapter)
    ids = [row.pk for row in family if row.config.get("business_account_id") == business]
    with connection.cursor() as cursor:
        mine = literal(ids)
        cursor.execute(_REACHED, [at - DAY, mine, at - DAY, at, mine])
        return {row[0]: row[1] for row in cursor.fetchall()}


def _take_turns(business: str) -> None:
    """Until the end of the transaction no other worker counts: one place goes to one person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"recipients {business}"])


# The register's index by time narrows it to the days in question: a message stands there
# by the moment it was due, which comes before the one it was begun. What a worker claimed has
# its place from then on: its attempt is written in a later transaction, when the turn is over.
_REACHED = """
SELECT address, min(moment) FROM (
    SELECT message.address, attempt.started_at AS moment
    FROM interactions_interaction AS entry
    JOIN conversations_message AS message ON message.interaction_id = entry.id
    JOIN conversations_attempt AS attempt ON attempt.message_id = entry.id
    WHERE entry.at > %s - interval '7 days' AND entry.kind = 'message'
        AND entry.direction = 'outgoing' AND message.account_id = ANY(%s::bigint[])
        AND message.template_call IS NOT NULL AND attempt.started_at > %s
        AND attempt.outcome NOT IN ('not_taken', 'refused')
    UNION ALL
    SELECT message.address, %s::timestamptz
    FROM conversations_outgoing AS taken
    JOIN conversations_message AS message ON message.interaction_id = taken.message_id
    WHERE taken.account_id = ANY(%s::bigint[]) AND taken.lease_until IS NOT NULL
        AND message.template_call IS NOT NULL
) AS reached GROUP BY address
"""
