"""Segments in their order: the first whose rule fits a customer is the customer's."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import BigIntegerField, Case, Count, F, Max, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from acuerdo.customers.models import Customer, CustomerStatus, Segment, Segmentation
from acuerdo.customers.segment_rules import Rule
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.uniqueness import refused_as

MAX_NAME = 60
# Held at once: whoever writes to one of these customers waits for no more than a moment.
BATCH = 10_000
# Of a customer whom no rule fits, and the key of the one row of ``Segmentation``.
NONE, ONLY = 0, 1


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
    row.name, row.rule, row.updated_at = _checked(name, rule, but=row), rule.as_json(), at
    with refused_as(_taken(name)):
        row.save(update_fields=["name", "rule", "updated_at"])
    _note("segment.updated", row, by=by, at=at)
    return row


@transaction.atomic
def delete(row: Segment, *, by: User, at: datetime) -> None:
    """Its customers have none until the next ``recompute`` finds them another."""
    _note("segment.deleted", row, by=by, at=at)
    row.delete()


@transaction.atomic
def move(row: Segment, *, up: bool, by: User, at: datetime) -> None:
    """One place up or down; at the end nothing moves."""
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


def recompute(*, at: datetime, by: User | None = None) -> int:
    """Put every customer into the first segment that fits; how many changed theirs.

    In batches, each its own transaction: killed half-way, the next one goes on.
    """
    # First, so that a segment that changes meanwhile is seen to wait for the next one.
    _keep(is_stale=False)
    found = _first_fitting()
    moved = after = 0
    while rows := _move_batch(found, after=after):
        moved, after = moved + len(rows), rows[-1]
    with transaction.atomic():
        _keep(at=at, moved=moved, counts=_counts())
        log.record("segments.recomputed", by=by, at=at, moved=moved)
    return moved


def state() -> Segmentation:
    """What the last computation found; without one, a row that says so."""
    return Segmentation.objects.filter(pk=ONLY).first() or Segmentation()


def _first_fitting() -> Case:
    cases = [
        When(Rule.from_json(row.rule).condition(), then=Value(row.pk))
        for row in Segment.objects.all()
    ]
    return Case(*cases, default=Value(NONE), output_field=BigIntegerField())


@transaction.atomic
def _move_batch(found: Case, *, after: int) -> list[int]:
    """The next customers, by id, who belong elsewhere; held in that order, as everywhere."""
    rows = Customer.objects.filter(pk__gt=after).annotate(
        found=found, now=Coalesce("segment_id", Value(NONE))
    )
    wrong = rows.exclude(now=F("found")).select_for_update(no_key=True).order_by("pk")
    inner, values = wrong.values("pk", "found")[:BATCH].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_MOVE.format(inner=inner), values)
        return sorted(pk for (pk,) in cursor.fetchall())


# A segment that was deleted meanwhile is nobody's any more.
_MOVE = """
UPDATE customers_customer AS known
SET segment_id = (SELECT id FROM customers_segment WHERE id = wrong.found FOR KEY SHARE)
FROM ({inner}) AS wrong (id, found)
WHERE known.id = wrong.id
RETURNING known.id
"""


def _counts() -> dict[str, int]:
    living = Customer.objects.exclude(status=CustomerStatus.DELETED)
    rows = living.values_list("segment").annotate(number=Count("pk")).order_by()
    # One that fits nobody has none; one that no computation has seen is not there.
    none = dict.fromkeys(map(str, Segment.objects.values_list("pk", flat=True)), 0)
    return none | {str(pk or ""): number for pk, number in rows}


def _note(type_: str, row: Segment, *, by: User, at: datetime) -> None:
    _keep(is_stale=True)
    log.record(type_, subject=row, by=by, at=at)


def _keep(**values: Any) -> None:
    Segmentation.objects.update_or_create(pk=ONLY, defaults=values)


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
