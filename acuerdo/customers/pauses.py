"""No automatic message until a day; on that day sending resumes by itself."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.customers import alerts, facts, zones
from acuerdo.customers.models import AlertKind, Customer, Pause
from acuerdo.customers.zones import local_date
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

BATCH = 2000
# A pause without an end would be a customer that nobody writes to ever again, and nobody sees.
FARTHEST = timedelta(days=366)


@transaction.atomic
def pause(
    customer: Customer, *, until: date, note: str = "", by: User | None, at: datetime
) -> Pause:
    """A running pause ends without a word and this one takes its place."""
    check_end(until, today=local_date(customer, at))
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    customer.pauses.filter(resumed_at=None).update(resumed_at=at, resumed_by=by)
    started = Pause.objects.create(
        customer=customer, until=until, note=note.strip(), started_at=at, started_by=by
    )
    alerts.clear_many([customer], AlertKind.RESUMED, by=by, at=at)
    alerts.raise_alert(customer, AlertKind.PAUSED, note=note.strip(), by=by, at=at)
    facts.record("pause.started", customer, subject=started, by=by, at=at, until=until.isoformat())
    return started


@transaction.atomic
def pause_many(
    customers: Collection[Customer], *, until: date, note: str = "", by: User, at: datetime
) -> dict[int, int]:
    """``pause`` for many: the pause of each customer. Left out is who is paused already, or
    whose own day ``until`` is not ahead of.
    """
    ids = [row.pk for row in customers if local_date(row, at) < until]
    # As one by one: two who pause at once take turns, in the order of ids.
    held = Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    taken = set(held.values_list("pk", flat=True))
    taken -= set(running_of(taken).values_list("customer_id", flat=True))
    chosen = [row for row in customers if row.pk in taken]
    started = Pause.objects.bulk_create(
        [
            Pause(customer=row, until=until, note=note.strip(), started_at=at, started_by=by)
            for row in chosen
        ],
        batch_size=1000,
    )
    alerts.clear_many(chosen, AlertKind.RESUMED, by=by, at=at)
    alerts.raise_many(chosen, AlertKind.PAUSED, note=note.strip(), by=by, at=at)
    told = [
        facts.fact("pause.started", row.customer, row, until=until.isoformat()) for row in started
    ]
    log.append(told, by=by, at=at)
    return {row.customer_id: row.pk for row in started}


def running(customer: Customer) -> Pause | None:
    return running_of([customer.pk]).select_related("started_by").first()


def running_of(customer_ids: Collection[int]) -> QuerySet[Pause]:
    return Pause.objects.filter(customer_id__in=customer_ids, resumed_at=None)


def check_end(until: date, *, today: date) -> None:
    """Refuses a last day that is not ahead of ``today``, or too far."""
    if until <= today:
        sentence = _("La pausa debe terminar desde mañana en adelante.")
        raise Refusal("pause_in_the_past", sentence, field="until")
    if until > today + FARTHEST:
        sentence = _("Una pausa dura a lo sumo un año: hasta el %s.")
        day = (today + FARTHEST).strftime("%d/%m/%Y")
        raise Refusal("pause_too_long", sentence % day, field="until")


@transaction.atomic
def resume(pause: Pause, *, by: User | None, at: datetime) -> Pause:
    """End a pause before its day; refused when it has ended already."""
    if not resume_many([pause.pk], by=by, at=at):
        raise Refusal("pause_over", _("La pausa ya terminó."), status=409)
    pause.refresh_from_db()
    return pause


def end_due(*, at: datetime) -> int:
    """End every pause whose day has begun where its customer lives; says how many.

    In batches, each its own transaction.
    """
    nearly = Pause.objects.filter(resumed_at=None, until__lte=zones.ahead_of_all(at))
    due = nearly.filter(until__lte=zones.day_before(at)).order_by("pk")
    ended = 0
    while ids := list(due.values_list("pk", flat=True)[:BATCH]):
        ended += len(resume_many(ids, by=None, at=at))
    return ended


@transaction.atomic
def resume_many(ids: Collection[int], *, by: User | None, at: datetime) -> set[int]:
    """The customers of those pauses that ran until now."""
    running = Pause.objects.select_for_update(of=("self",)).filter(pk__in=ids, resumed_at=None)
    rows = list(running.select_related("customer").order_by("customer_id"))
    Pause.objects.filter(pk__in=[row.pk for row in rows]).update(resumed_at=at, resumed_by=by)
    customers = [row.customer for row in rows]
    alerts.clear_many(customers, AlertKind.PAUSED, by=by, at=at)
    alerts.raise_many(customers, AlertKind.RESUMED, by=by, at=at)
    ended = [facts.fact("pause.ended", row.customer, row) for row in rows]
    log.record_many(ended, by=by, at=at)
    return {row.customer_id for row in rows}
