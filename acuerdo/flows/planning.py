"""Decides a day: one row per step and customer whose turn it is, whatever becomes of it.

Set by set, in batches that are each a transaction: a run cut short goes on where it
stopped, and a second run of the same day finds nothing to do.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from acuerdo.contact_policy import sets
from acuerdo.events import log
from acuerdo.flows import eligibility
from acuerdo.flows.eligibility import Concern
from acuerdo.flows.models import RunStatus

BATCH = 50_000
PREVIEW_BATCH = 5_000


@dataclass(slots=True)
class Planned:
    """How many new rows of each status a run of the planner made, and why some were skipped."""

    planned: int = 0
    postponed: int = 0
    skipped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def created(self) -> int:
        return self.planned + self.postponed + self.skipped

    def add(self, status: str, reason: str, count: int) -> None:
        setattr(self, status, getattr(self, status) + count)
        if reason:
            self.reasons[reason] += count


def plan(*, on: date, at: datetime) -> Planned:
    """Write the step runs of the local date ``on``; only the steps of that very day."""
    total = Planned()
    concerns, places = _prepare(on)
    for concern in concerns:
        _plan_step(concern, places, total, on=on)
    if total.created:
        log.record(
            "flow.planned",
            at=at,
            on=on.isoformat(),
            planned=total.planned,
            postponed=total.postponed,
            skipped=total.skipped,
        )
    return total


def preview(*, on: date) -> Iterator[dict[str, Any]]:
    """What planning ``on`` gives, row by row, without writing anything.

    What is already planned for the day is shown as it stands.
    """
    concerns, places = _prepare(on)
    for concern in concerns:
        query, after = _PREVIEW.format(selection=eligibility.selection()), 0
        values = {**eligibility.parameters(concern, places, on=on), "limit": PREVIEW_BATCH}
        while True:
            rows, last = _previewed(query, {**values, "after": after})
            yield from (_row(concern, row, on) for row in rows)
            if last is None:
                break
            after = last


def count(*, on: date, portfolios: Collection[int] | None) -> list[tuple[int, str, str, int]]:
    """What planning ``on`` gives, as (step, outcome, reason, customers), without writing anything.

    Only customers of ``portfolios``; None stands for all of them.
    """
    concerns, places = _prepare(on)
    query = _COUNT.format(selection=eligibility.selection())
    found: list[tuple[int, str, str, int]] = []
    for concern in concerns:
        values = eligibility.parameters(concern, places, on=on)
        if portfolios is not None:
            values["portfolios"] = [pk for pk in values["portfolios"] if pk in portfolios]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")
            cursor.execute(query, values)
            found += [(concern.step.pk, *row) for row in cursor.fetchall()]
    return found


def _prepare(on: date) -> tuple[list[Concern], list[sets.Where]]:
    concerns, places = eligibility.concerns(), sets.whereabouts()
    channels = sorted({str(concern.step.channel) for concern in concerns})
    sets.collect_capped(places, channels, on=on)
    return concerns, places


def _plan_step(concern: Concern, places: list[sets.Where], total: Planned, *, on: date) -> None:
    query = _INSERT.format(selection=eligibility.selection())
    values = {**eligibility.parameters(concern, places, on=on), "limit": BATCH}
    after: int | None = 0
    while after is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling a statement of this size costs more than running it.
            cursor.execute("SET LOCAL jit = off")
            cursor.execute(query, {**values, "after": after})
            rows = cursor.fetchall()
        after = None
        for kind, reason, count in rows:
            if kind == "last":
                after = count
            else:
                total.add(RunStatus(kind), reason, count)


def _previewed(query: str, values: dict[str, Any]) -> tuple[list[tuple[Any, ...]], int | None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(query, values)
        rows = cursor.fetchall()
    shown = [row for row in rows if row[1] is not None]
    # A short batch was the last one.
    return shown, max((row[0] for row in rows), default=None)


def _row(concern: Concern, row: tuple[Any, ...], on: date) -> dict[str, Any]:
    _id, document, name, due_at, outcome, reason = row
    step = concern.step
    return {
        "customer": document,
        "name": name,
        "step": step.key,
        "step_id": step.pk,
        "step_name": step.name,
        "channel": step.channel,
        "days_past_due": step.offset_days,
        "due_on": concern.anchor(on).isoformat(),
        "outcome": outcome,
        "reason": reason,
        "due_at": due_at.isoformat(),
    }


# The anti-join comes first, so that a second run costs a look-up; the unique key is the guard.
_INSERT = """
WITH batch AS MATERIALIZED (
    SELECT s.customer_id FROM customers_standing s
    WHERE s.oldest_due_on = %(anchor)s AND s.portfolio_id = ANY(%(portfolios)s)
      AND s.customer_id > %(after)s
      AND NOT EXISTS (
        SELECT 1 FROM flows_steprun r WHERE r.customer_id = s.customer_id
          AND r.step_id = %(step)s AND r.anchor_on = %(anchor)s)
    ORDER BY s.customer_id LIMIT %(limit)s
), made AS (
    INSERT INTO flows_steprun
        (step_id, customer_id, anchor_on, planned_on, due_at, status, reason, rule, pack_version)
    SELECT %(step)s, chosen.customer_id, %(anchor)s, %(on)s, chosen.due_at, chosen.status,
        chosen.reason, chosen.rule, chosen.pack_version
    FROM ({selection}) AS chosen
    ON CONFLICT (customer_id, step_id, anchor_on) DO NOTHING
    RETURNING status, reason
)
SELECT status, reason, count(*) FROM made GROUP BY status, reason
UNION ALL
SELECT 'last', '', max(customer_id) FROM batch HAVING count(*) = %(limit)s
"""

_COUNT = """
WITH batch AS MATERIALIZED (
    SELECT s.customer_id FROM customers_standing s
    WHERE s.oldest_due_on = %(anchor)s AND s.portfolio_id = ANY(%(portfolios)s)
)
SELECT coalesce(run.status, chosen.status), coalesce(run.reason, chosen.reason), count(*)
FROM ({selection}) AS chosen
LEFT JOIN flows_steprun run ON run.customer_id = chosen.customer_id
  AND run.step_id = %(step)s AND run.anchor_on = %(anchor)s
GROUP BY 1, 2
"""

_PREVIEW = """
WITH batch AS MATERIALIZED (
    SELECT s.customer_id FROM customers_standing s
    WHERE s.oldest_due_on = %(anchor)s AND s.portfolio_id = ANY(%(portfolios)s)
      AND s.customer_id > %(after)s
    ORDER BY s.customer_id LIMIT %(limit)s
)
SELECT batch.customer_id, c.document_number, trim(c.first_name || ' ' || c.last_name),
    coalesce(run.due_at, chosen.due_at), coalesce(run.status, chosen.status),
    coalesce(run.reason, chosen.reason)
FROM batch
LEFT JOIN ({selection}) AS chosen ON chosen.customer_id = batch.customer_id
LEFT JOIN customers_customer c ON c.id = chosen.customer_id
LEFT JOIN flows_steprun run ON run.customer_id = chosen.customer_id
  AND run.step_id = %(step)s AND run.anchor_on = %(anchor)s
ORDER BY batch.customer_id
"""
