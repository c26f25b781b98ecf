"""Segments in their order: the first whose rule fits a customer is the customer's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
# Any number that nobody else in this database uses.
LOCK = 7_201_313


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
    ids = list(members.values_list("pk", flat=True)[:BATCH])
    return Customer.objects.filter(pk__in=ids).update(segment=None)


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

    In batches, each its own transaction: killed half-way, the next one goes on. Refused while
    another one is at it, which may have read the rules before they changed.
    """
    with _alone():
        rules = _rules()
        found = _first_fitting(rules)
        moved = after = 0
        while rows := _move_batch(found, after=after):
            moved, after = moved + len(rows), rows[-1]
        with transaction.atomic():
            # Held, so that who changes a segment from here on says so after us.
            Segmentation.objects.select_for_update().filter(pk=ONLY).first()
            _keep(at=at, moved=moved, counts=_counts(), is_stale=_rules() != rules)
            log.record("segments.recomputed", by=by, at=at, moved=moved)
    return moved


@contextmanager
def _alone() -> Iterator[None]:
    """A lock of the database session: it vanishes with the process that held it."""
    if not _ask("SELECT pg_try_advisory_lock(%s)"):
        sentence = _("Los segmentos ya se están actualizando. Espere un momento.")
        raise Refusal("segmenting", sentence, status=409)
    try:
        yield
    finally:
        _ask("SELECT pg_advisory_unlock(%s)")


def _ask(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [LOCK])
        return bool(cursor.fetchone()[0])


def state() -> Segmentation:
    """What the last computation found; without one, a row that says so."""
    return Segmentation.objects.filter(pk=ONLY).first() or Segmentation()


def _rules() -> list[tuple[int, Rule]]:
    return [(row.pk, Rule.from_json(row.rule)) for row in Segment.objects.all()]


def _first_fitting(rules: Sequence[tuple[int, Rule]]) -> Case:
    cases = [When(rule.condition(), then=Value(pk)) for pk, rule in rules]
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


# A segment that was deleted meanwhile is nobody's any more. Materialized: joined as it stands, the
# choice could be made again for each row of the other side, and a batch would have no limit.
_MOVE = """
WITH wrong (id, found) AS MATERIALIZED ({inner})
UPDATE customers_customer AS known
SET segment_id = (SELECT id FROM customers_segment WHERE id = wrong.found FOR KEY SHARE)
FROM wrong
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
