"""Puts customers into the first segment that fits: all of them, or those that have just changed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import BigIntegerField, Case, Count, F, Max, Min, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from acuerdo.customers.models import Customer, CustomerStatus, Segment, Segmentation
from acuerdo.customers.segment_rules import Rule, known
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.arrays import literal
from acuerdo.primitives.refusals import Refusal

# Held at once: whoever writes to one of these customers waits for no more than a moment.
BATCH = 10_000
# Of a customer whom no rule fits, and the key of the one row of ``Segmentation``.
NONE, ONLY = 0, 1
# Any number that nobody else in this database uses.
LOCK = 7_201_313

Rules = Sequence[tuple[int, Rule]]


def state() -> Segmentation:
    """What the last computation found; without one, a row that says so."""
    return Segmentation.objects.filter(pk=ONLY).first() or Segmentation()


def mark_stale() -> None:
    """A segment changes: until the transaction ends, nobody is put into any. See ``_hold``."""
    _keep(is_stale=True)


def want(*, by: User, at: datetime) -> None:
    """Have ``resume`` do it."""
    Segmentation.objects.get_or_create(pk=ONLY)
    rows = Segmentation.objects.filter(pk=ONLY, asked_at=None)
    rows.update(asked_at=at, asked_by=by, failed_at=None)


def resume(*, at: datetime) -> None:
    """Do what was asked for and is not done: a worker that died half-way did not end it."""
    wish = state()
    if wish.asked_at is None:
        return
    try:
        recompute(at=at, by=wish.asked_by)
    except Refusal as refusal:
        # Another one is at it; what was asked for meanwhile is done after it.
        if refusal.status != 409:
            raise


def recompute(*, at: datetime, by: User | None = None) -> int:
    """Put every customer into the first segment that fits; how many changed theirs.

    In batches, each its own transaction: killed half-way, the next one goes on. Refused while
    another one is at it, which may have read the rules before they changed.
    """
    with _alone():
        try:
            return _recompute(at=at, by=by)
        except DatabaseError:
            _keep(failed_at=at, asked_at=None)
            raise


def _recompute(*, at: datetime, by: User | None) -> int:
    rules, wish = _rules(), state().asked_at
    found = _first_fitting(rules)
    moved = sum(len(_move_batch(found, window)) for window in _windows())
    with transaction.atomic():
        # Held, so that who changes a segment from here on says so after us.
        row = Segmentation.objects.select_for_update().filter(pk=ONLY).first()
        later = row.asked_at if row and row.asked_at != wish else None
        figures = {"moved": moved, "counts": _counts(), "is_stale": _rules() != rules}
        # With a million customers the end is not the moment that it began at.
        _keep(at=clock.now(), asked_at=later, failed_at=None, **figures)
        log.record("segments.recomputed", by=by, at=at, moved=moved)
    return moved


@transaction.atomic
def place(customer_ids: Iterable[int]) -> int:
    """Put those who have just changed into theirs, set by set; how many changed theirs."""
    _hold()
    rules = _rules()
    if not rules:
        return 0
    ids = RawSQL("SELECT unnest(%s::bigint[])", [literal(customer_ids)])
    return _move(_first_fitting(rules), Customer.objects.filter(pk__in=ids))


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


def _hold() -> None:
    """Who changes a segment waits until the transaction ends: nobody is put where a rule would
    have that is no more, and no computation of the new rules comes before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM customers_segmentation WHERE id = %s FOR SHARE", [ONLY])


def _rules() -> Rules:
    return [(row.pk, Rule.from_json(row.rule)) for row in Segment.objects.all()]


def _first_fitting(rules: Rules) -> Case:
    named = known()
    cases = [When(rule.condition(named), then=Value(pk)) for pk, rule in rules]
    return Case(*cases, default=Value(NONE), output_field=BigIntegerField())


def _windows() -> Iterator[QuerySet[Customer]]:
    """Everybody, so many ids at a time: where few belong elsewhere, one statement would read all
    the others too, and who changes a segment would wait for its end."""
    ends = Customer.objects.aggregate(first=Min("pk"), last=Max("pk"))
    for first in range(ends["first"] or 0, (ends["last"] or 0) + 1, BATCH):
        yield Customer.objects.filter(pk__gte=first, pk__lt=first + BATCH)


def _move(found: Case, rows: QuerySet[Customer]) -> int:
    moved = after = 0
    while batch := _move_batch(found, rows.filter(pk__gt=after)):
        moved, after = moved + len(batch), batch[-1]
        if len(batch) < BATCH:
            break
    return moved


@transaction.atomic
def _move_batch(found: Case, rows: QuerySet[Customer]) -> list[int]:
    """The next customers, by id, who belong elsewhere; held in that order, as everywhere."""
    _hold()
    rows = rows.annotate(found=found, now=Coalesce("segment_id", Value(NONE)))
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


def _counts() -> dict[str, dict[str, int]]:
    """One that fits nobody has none; one that no computation has seen is not there."""
    living = Customer.objects.exclude(status=CustomerStatus.DELETED)
    rows = living.values_list("segment", "portfolio").annotate(number=Count("pk")).order_by()
    found: dict[str, dict[str, int]] = {
        str(pk): {} for pk in Segment.objects.values_list("pk", flat=True)
    }
    for pk, portfolio, number in rows:
        found.setdefault(str(pk or ""), {})[str(portfolio)] = number
    return found


def _keep(**values: Any) -> None:
    Segmentation.objects.update_or_create(pk=ONLY, defaults=values)
