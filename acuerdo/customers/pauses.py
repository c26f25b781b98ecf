"""No automatic message until a day; on that day sending resumes by itself."""

from datetime import date, datetime, timedelta

from django.db import transaction
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
    _check_end(until, today=local_date(customer, at))
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    customer.pauses.filter(resumed_at=None).update(resumed_at=at, resumed_by=by)
    started = Pause.objects.create(
        customer=customer, until=until, note=note.strip(), started_at=at, started_by=by
    )
    alerts.clear_many([customer], AlertKind.RESUMED, by=by, at=at)
    alerts.raise_alert(customer, AlertKind.PAUSED, note=note.strip(), by=by, at=at)
    facts.record("pause.started", customer, subject=started, by=by, at=at, until=until.isoformat())
    return started


def _check_end(until: date, *, today: date) -> None:
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
    if not _end([pause.pk], by=by, at=at):
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
        ended += _end(ids, by=None, at=at)
    return ended


@transaction.atomic
def _end(ids: list[int], *, by: User | None, at: datetime) -> int:
    running = Pause.objects.select_for_update(of=("self",)).filter(pk__in=ids, resumed_at=None)
    rows = list(running.select_related("customer").order_by("customer_id"))
    Pause.objects.filter(pk__in=[row.pk for row in rows]).update(resumed_at=at, resumed_by=by)
    customers = [row.customer for row in rows]
    alerts.clear_many(customers, AlertKind.PAUSED, by=by, at=at)
    alerts.raise_many(customers, AlertKind.RESUMED, by=by, at=at)
    ended = [facts.fact("pause.ended", row.customer, row) for row in rows]
    log.record_many(ended, by=by, at=at)
    return len(rows)
