"""Puts calls in the tray. The same idempotency key never makes two."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _

from acuerdo.calls import owners
from acuerdo.calls.models import CALL_TASK_MOVES, Call, CallSource, CallStatus
from acuerdo.channels.models import Channel
from acuerdo.contact_policy import budgets, calendars, facts, hours, rules, zones
from acuerdo.contact_policy.hours import Place
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import Direction, Kind, Origin, Status
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to
from acuerdo.ui.formatting import short_day

# A call without an hour is shown at the start of its day.
FIRST_HOUR = time(8)
# A day is judged by its middle: every closed day is closed then.
MIDDAY = time(12)
HORIZON_DAYS = 45
# Nobody is called back later than this; beyond it the calendar itself ends.
FARTHEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Draft:
    """A call to put in the tray on the local date ``due_on``."""

    customer: Customer
    due_on: date
    source: CallSource
    due_at: datetime | None = None
    script: str = ""
    attempt: int = 1
    idempotency_key: str | None = None
    flow: str = ""
    step_id: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the call-back calendar; ``why_closed`` is empty when it can be chosen."""

    on: date
    why_closed: str

    @property
    def is_open(self) -> bool:
        return not self.why_closed


@transaction.atomic
def schedule(
    customer: Customer,
    *,
    due_on: date,
    due_at: datetime | None = None,
    source: CallSource,
    script: str = "",
    attempt: int = 1,
    idempotency_key: str | None = None,
    by: User | None,
    at: datetime,
) -> Call:
    """Put one call in the tray; a closed day is refused with the reason."""
    why = why_closed(customer, due_on, at=at)
    if why:
        raise Refusal(
            "closed_day",
            _("No se puede llamar el %(day)s: %(why)s. Elija otro día.")
            % {"day": short_day(due_on), "why": why},
            field="due_on",
        )
    _check_hour(customer, due_at, at=at)
    draft = Draft(customer, due_on, source, due_at, script, attempt, idempotency_key)
    return schedule_many([draft], by=by, at=at)[0]


@transaction.atomic
def schedule_many(drafts: Sequence[Draft], *, by: User | None = None, at: datetime) -> list[Call]:
    """Calls in the order of ``drafts``; a key that has its call already gets that one."""
    keys = [draft.idempotency_key for draft in drafts if draft.idempotency_key]
    standing = {
        call.idempotency_key: call for call in Call.objects.filter(idempotency_key__in=keys)
    }
    fresh = [draft for draft in drafts if draft.idempotency_key not in standing]
    rows = [lifecycle.build(draft.customer, _entry(draft), created_at=at, by=by) for draft in fresh]
    entries = lifecycle.open_many(rows)
    made = Call.objects.bulk_create(
        [_call(draft, entry.pk, at) for draft, entry in zip(fresh, entries, strict=True)],
        batch_size=1000,
    )
    # The customers were read a while ago, and may be somebody else's by now.
    owners.follow({call.customer_id for call in made})
    log.record_many([_fact(call) for call in made], by=by, at=at)
    by_key = {**standing, **{call.idempotency_key: call for call in made}}
    unkeyed = iter([call for call in made if call.idempotency_key is None])
    return [
        by_key[draft.idempotency_key] if draft.idempotency_key else next(unkeyed)
        for draft in drafts
    ]


@transaction.atomic
def cancel(calls: Sequence[Call], *, reason: str, by: User | None, at: datetime) -> int:
    """Take pending calls out of the tray; those already dealt with stay as they are."""
    pending = Call.objects.filter(pk__in=[call.pk for call in calls], status=CallStatus.PENDING)
    taken = list(pending.select_for_update(of=("self",)).select_related("interaction"))
    for call in taken:
        move_to(call, CallStatus.CANCELLED, table=CALL_TASK_MOVES, registered_at=at)
        lifecycle.move(call.interaction, Status.CANCELLED, reason=reason)
    log.record_many([_fact(call, "call.cancelled") for call in taken], by=by, at=at)
    return len(taken)


def why_closed(customer: Customer, on: date, *, at: datetime) -> str:
    """Why nobody may be called on the local date ``on``, in words; empty when open."""
    place = place_of(customer)
    if on < place.day_of(at):
        return _("ese día ya pasó")
    if on > place.day_of(at) + FARTHEST:
        return _("falta más de un año")
    pack = rules.pack_for(customer.country)
    if pack is None:
        return ""
    added = calendars.added_closures()
    holiday = calendars.closure(pack.calendar, place.subdivision, on, added)
    if hours.open_windows(pack, place, Channel.CALL, on, added):
        return ""
    if holiday:
        return _("feriado: %(name)s") % {"name": holiday}
    weekday = formats.date_format(on, "l").lower()
    noon = datetime.combine(on, MIDDAY, ZoneInfo(place.zones[0]))
    _name, rule = hours.closing_rule(pack, place, Channel.CALL, noon, added)
    law = pack.law(rule)
    return _("%(day)s, según %(law)s") % {"day": weekday, "law": law} if law else weekday


def used_up(customer: Customer, on: date, *, at: datetime) -> str:
    """The limit of contacts that a call on the local date ``on`` would break, in words.

    It closes no day: who asks to be called may be called.
    """
    pack, place = rules.pack_for(customer.country), place_of(customer)
    if pack is None:
        return ""
    known = facts.load([customer.pk], at=at, locked=False).by_customer[customer.pk]
    cap = budgets.broken_cap(pack, place, Channel.CALL, known.contacts, on)
    if cap is None:
        return ""
    count = budgets.count_of(cap, place, known.contacts, on)
    if count is None:
        return pack.law(cap.id) or _("el tiempo entre dos contactos")
    when = _("al día") if count.days == 1 else _("en %(days)d días") % {"days": count.days}
    what = _("%(n)d canales") if count.is_of_channels else "%(n)d"
    return f"{what % {'n': count.most}} {when}"


def month(customer: Customer, *, year: int, month: int, at: datetime) -> list[Day]:
    """The days of one month with the reason why each closed one is closed."""
    _first, length = calendar.monthrange(year, month)
    days = [date(year, month, number) for number in range(1, length + 1)]
    return [Day(on, why_closed(customer, on, at=at)) for on in days]


def next_day(customer: Customer, *, after: date, at: datetime) -> date:
    """The first day later than ``after`` that hours and caps leave open for a call of ours."""
    known = facts.load([customer.pk], at=at, locked=False).by_customer[customer.pk]
    return _open_day(customer, known.contacts, after=after, at=at)


def retry(customer: Customer, call: Call | None, *, at: datetime) -> tuple[date, int] | None:
    """Day and number of the try that follows ``call``, made at ``at``; None after the last one.

    The same before and after its result is registered: the call itself counts either way.
    """
    attempt = call.attempt if call else 1
    if attempt >= settings.current().call_attempts_per_step:
        return None
    own = [call.interaction_id] if call else []
    known = facts.load([customer.pk], at=at, locked=False, without=own).by_customer[customer.pk]
    contacts = [*known.contacts, facts.Contact(at, Channel.CALL)]
    today = known.place.day_of(at)
    return _open_day(customer, contacts, after=today, at=at), attempt + 1


def _open_day(
    customer: Customer, contacts: Sequence[facts.Contact], *, after: date, at: datetime
) -> date:
    pack, place = rules.pack_for(customer.country), place_of(customer)
    for ahead in range(1, HORIZON_DAYS):
        on = after + timedelta(days=ahead)
        used_up = pack and budgets.broken_cap(pack, place, Channel.CALL, contacts, on)
        if not used_up and not why_closed(customer, on, at=at):
            return on
    raise Refusal("no_open_day", _("Ningún día próximo permite llamadas a este cliente."))


def place_of(customer: Customer) -> Place:
    return Place(zones.candidates(customer.country, customer.time_zone), customer.subdivision)


def open_hours(customer: Customer, on: date) -> list[tuple[time, time]]:
    """When the customer may be called on the local date ``on``, by the customer's own clock."""
    pack, place = rules.pack_for(customer.country), place_of(customer)
    if pack is None:
        return []
    zone = ZoneInfo(place.zones[0])
    found = hours.open_windows(pack, place, Channel.CALL, on, calendars.added_closures())
    return [
        (each.start.astimezone(zone).time(), each.end.astimezone(zone).time()) for each in found
    ]


def _check_hour(customer: Customer, due_at: datetime | None, *, at: datetime) -> None:
    pack = rules.pack_for(customer.country)
    if due_at is not None and due_at < at:
        raise Refusal("past_hour", _("Esa hora ya pasó. Elija una más tarde."), field="due_at")
    if due_at is None or pack is None:
        return
    place, added = place_of(customer), calendars.added_closures()
    if not hours.is_open(pack, place, Channel.CALL, due_at, added):
        raise Refusal(
            "closed_hour",
            _(
                "A esa hora no se puede llamar a este cliente. Elija una hora del horario permitido."
            ),
            field="due_at",
        )


def _entry(draft: Draft) -> lifecycle.Entry:
    zone = ZoneInfo(place_of(draft.customer).zones[0])
    moment = draft.due_at or datetime.combine(draft.due_on, FIRST_HOUR, zone).astimezone(UTC)
    return lifecycle.Entry(
        kind=Kind.CALL,
        channel=Channel.CALL,
        direction=Direction.OUTGOING,
        status=Status.PENDING_CALL,
        origin=Origin.FLOW if draft.source == CallSource.FLOW else Origin.MANUAL,
        at=moment,
        source=draft.flow,
        source_id=draft.step_id,
        summary=draft.script,
    )


def _call(draft: Draft, interaction_id: int, at: datetime) -> Call:
    return Call(
        customer=draft.customer,
        interaction_id=interaction_id,
        portfolio_id=draft.customer.portfolio_id,
        adviser_id=draft.customer.adviser_id,
        source=draft.source,
        due_on=draft.due_on,
        due_at=draft.due_at,
        attempt=draft.attempt,
        script=draft.script,
        status=CallStatus.PENDING,
        idempotency_key=draft.idempotency_key,
        created_at=at,
    )


def _fact(call: Call, type_: str = "call.scheduled") -> log.Fact:
    return log.Fact(
        type_,
        customer_id=call.customer_id,
        subject_type="call",
        subject_id=call.pk,
        data={"portfolio_id": call.portfolio_id, "adviser_id": call.adviser_id},
    )
