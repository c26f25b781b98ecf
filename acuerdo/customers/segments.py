"""Segments in their order: the first whose rule fits a customer is the customer's.

``segmentation`` puts the customers into theirs.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from procrastinate.exceptions import AlreadyEnqueued

from acuerdo.customers import segmentation, tasks
from acuerdo.customers.models import Customer, Segment
from acuerdo.customers.segment_rules import Rule
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.uniqueness import refused_as

MAX_NAME = 60


@transaction.atomic
def create(name: str, rule: Rule, *, by: User, at: datetime) -> Segment:
    """The last in the order; nobody is moved before the next ``recompute``."""
    name = _checked(name, rule)
    last = Segment.objects.aggregate(last=Max("position"))["last"]
    row = Segment(name=name, rule=rule.as_json(), updated_at=at)
    row.position = 0 if last is None else last + 1
    with refused_as(_taken(name)):
        row.save(force_insert=True)
    _note("segment.created", row, by=by, at=at)
    return row


@transaction.atomic
def update(row: Segment, name: str, rule: Rule, *, by: User, at: datetime) -> Segment:
    # Before the rows, as whoever places customers does.
    segmentation.mark_stale()
    if not Segment.objects.select_for_update().filter(pk=row.pk).exists():
        sentence = _("Otra persona eliminó este segmento. Cree uno nuevo si hace falta.")
        raise Refusal("segment_gone", sentence, status=409)
    row.name, row.rule, row.updated_at = _checked(name, rule, but=row), rule.as_json(), at
    with refused_as(_taken(name)):
        row.save(update_fields=["name", "rule", "updated_at"])
    _note("segment.updated", row, by=by, at=at)
    return row


def delete(row: Segment, *, by: User, at: datetime) -> None:
    """Its customers have none until the next ``recompute`` finds them another.

    In batches, each its own transaction; the row goes with the last.
    """
    with transaction.atomic():
        segmentation.mark_stale()
        # A rule of nothing fits nobody: who leaves is not put back meanwhile.
        Segment.objects.filter(pk=row.pk).update(rule={})
    while _leave_batch(row):
        pass
    with transaction.atomic():
        _note("segment.deleted", row, by=by, at=at)
        row.delete()


@transaction.atomic
def _leave_batch(row: Segment) -> int:
    members = Customer.objects.filter(segment=row).select_for_update(no_key=True).order_by("pk")
    ids = list(members.values_list("pk", flat=True)[: segmentation.BATCH])
    return Customer.objects.filter(pk__in=ids).update(segment=None)


@transaction.atomic
def move(row: Segment, *, up: bool, by: User, at: datetime) -> None:
    """One place up or down; at the end nothing moves."""
    segmentation.mark_stale()
    rows = list(Segment.objects.select_for_update())
    if row not in rows:
        # Somebody deleted it meanwhile.
        return
    place = rows.index(row)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for number, each in enumerate(rows):
        each.position = number
    Segment.objects.bulk_update(rows, ["position"])
    _note("segment.moved", row, by=by, at=at)


@transaction.atomic
def ask(*, by: User, at: datetime) -> None:
    """Have the worker put everybody into theirs; asked again before it is done, it is done once."""
    segmentation.want(by=by, at=at)
    try:
        with transaction.atomic():
            tasks.sort_customers.defer()
    except AlreadyEnqueued:
        pass


def _note(type_: str, row: Segment, *, by: User, at: datetime) -> None:
    segmentation.mark_stale()
    log.record(type_, subject=row, by=by, at=at)


def _checked(name: str, rule: Rule, *, but: Segment | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        sentence = _("Indique el nombre del segmento, con hasta 60 letras.")
        raise Refusal("no_name", sentence, field="name")
    others = Segment.objects.exclude(pk=but.pk) if but else Segment.objects.all()
    if others.filter(name__iexact=name).exists():
        raise _taken(name)
    rule.check()
    return name


def _taken(name: str) -> Refusal:
    sentence = _("Ya hay un segmento «%s».")
    return Refusal("name_taken", sentence % name, field="name", status=409)
