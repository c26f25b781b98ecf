"""Does what was asked of many, a batch at a time: each batch and its cursor are one transaction.

A batch that fails again and again fails its job. A worker that dies in a batch leaves nothing of it,
so the next one does nobody twice. The rights of whoever asked are looked at again for each batch.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from acuerdo.conversations.bulk.action import Customers, Settled
from acuerdo.conversations.bulk.actions import ACTIONS
from acuerdo.conversations.bulk_models import (
    BULK_MOVES,
    MOVING,
    BulkItem,
    BulkJob,
    BulkOutcome,
    BulkStatus,
)
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.events import log
from acuerdo.organization.access import scope
from acuerdo.organization.permissions import may
from acuerdo.primitives import clock, failpoints
from acuerdo.primitives.arrays import literal
from acuerdo.primitives.states import move_to

# A batch that fails is tried again after 15 seconds, then after twice as long each time.
MOST_TRIES = 6
FIRST_WAIT = timedelta(seconds=15)


def drain() -> int:
    """One batch of the job that waited longest; says how many customers, or 1 at its end."""
    at = clock.now()
    job = _turn(at)
    if job is None:
        return 0
    return 1 if job.status == BulkStatus.FAILED else _work(job.pk, at)


@transaction.atomic
def _turn(at: datetime) -> BulkJob | None:
    """Whose turn it is; its try is counted before it begins, so that one that kills us counts."""
    waiting = BulkJob.objects.filter(Q(retry_at=None) | Q(retry_at__lte=at), status__in=MOVING)
    waiting = waiting.select_related("requested_by").order_by("worked_at")
    job = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if job is None:
        return None
    if job.tries >= MOST_TRIES:
        _give_up(job, at)
        return job
    job.worked_at, job.retry_at = at, at + FIRST_WAIT * 2**job.tries
    job.tries += 1
    job.save(update_fields=["worked_at", "tries", "retry_at"])
    return job


@transaction.atomic
def _work(job_id: int, at: datetime) -> int:
    found = BulkJob.objects.filter(pk=job_id, status__in=MOVING).select_related("requested_by")
    job = found.select_for_update(skip_locked=True, of=("self",)).first()
    if job is None:
        return 0
    items = list(_next(job))
    if not items:
        _finish(job, at)
        return 1
    job.tries, job.retry_at = 0, None
    job.cursor = items[-1].customer_id
    _write(job, _undone(job, items, at) if _is_undoing(job) else _done(job, items, at))
    failpoints.hit("bulk.writing")
    return len(items)


def _is_undoing(job: BulkJob) -> bool:
    return job.status == BulkStatus.UNDOING


def _next(job: BulkJob) -> QuerySet[BulkItem]:
    rest = job.items.filter(customer_id__gt=job.cursor).order_by("customer_id")
    return rest[: ACTIONS[job.action].batch]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is written of one item."""

    item: BulkItem
    outcome: BulkOutcome
    settled: Settled


def _done(job: BulkJob, items: Iterable[BulkItem], at: datetime) -> list[Outcome]:
    action = ACTIONS[job.action]
    asked = {item.customer_id: item for item in items}
    reached, out = _reached(job, asked)
    settled = {**out, **(action.carry_out(job, reached, at) if reached else {})}
    return [
        Outcome(item, BulkOutcome.SKIPPED if settled[pk].reason else BulkOutcome.DONE, settled[pk])
        for pk, item in asked.items()
    ]


def _undone(job: BulkJob, items: Iterable[BulkItem], at: datetime) -> list[Outcome]:
    """What was done is taken back; what nobody came to is left as it is."""
    listed = list(items)
    done = {item.customer_id: item for item in listed if item.outcome == BulkOutcome.DONE}
    reached, out = _reached(job, done)
    traces = {pk: done[pk].trace or {} for pk in reached}
    kept = {pk: each.reason for pk, each in out.items()}
    if traces:
        kept |= ACTIONS[job.action].take_back(job, reached, traces, at)
    stopped = [item for item in listed if item.outcome == BulkOutcome.WAITING]
    return [
        *(Outcome(each, BulkOutcome.SKIPPED, Settled("stopped")) for each in stopped),
        *(
            Outcome(
                item,
                BulkOutcome.KEPT if pk in kept else BulkOutcome.UNDONE,
                Settled(kept.get(pk, ""), item.trace),
            )
            for pk, item in done.items()
        ),
    ]


def _reached(job: BulkJob, asked: Mapping[int, BulkItem]) -> tuple[Customers, dict[int, Settled]]:
    """Whom the author may still act on, in the order of customers; and why not on the rest."""
    action, author = ACTIONS[job.action], job.requested_by
    if not may(author, action.permission):
        return {}, dict.fromkeys(asked, Settled("not_allowed"))
    rows = Customer.objects.filter(scope(author).condition(), pk__in=asked)
    rows = rows.exclude(status=CustomerStatus.DELETED).order_by("pk")
    rows = rows.select_related(*action.related) if action.related else rows.only(*OWNER)
    reached = {row.pk: row for row in rows}
    return reached, {pk: Settled("out_of_reach") for pk in asked if pk not in reached}


# What a fact about a customer says, and which day it is there.
OWNER = ("portfolio_id", "adviser_id", "time_zone", "country")


def _write(job: BulkJob, outcomes: list[Outcome]) -> None:
    """Once for each item: one that another worker wrote meanwhile would be a fault of ours."""
    traces = [each.settled.trace for each in outcomes]
    columns = [
        literal(each.item.pk for each in outcomes),
        literal(str(each.outcome) for each in outcomes),
        literal(each.settled.reason for each in outcomes),
        literal(json.dumps(trace) if trace is not None else None for trace in traces),
    ]
    if outcomes:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, columns)
    _count(job, outcomes)


_WRITE = """
UPDATE conversations_bulkitem AS item
SET outcome = row.outcome, reason = row.reason, trace = row.trace::jsonb
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS row (id, outcome, reason, trace)
WHERE item.id = row.id
"""


def _count(job: BulkJob, outcomes: Iterable[Outcome]) -> None:
    """The figures of the job follow in the same transaction, so that nobody counts items."""
    numbers = Counter(each.outcome for each in outcomes)
    job.done += numbers[BulkOutcome.DONE]
    job.skipped += numbers[BulkOutcome.SKIPPED]
    job.undone += numbers[BulkOutcome.UNDONE]
    job.kept += numbers[BulkOutcome.KEPT]
    for each in outcomes:
        told = job.undo_reasons if each.outcome == BulkOutcome.KEPT else job.reasons
        if each.outcome in (BulkOutcome.SKIPPED, BulkOutcome.KEPT):
            told[each.settled.reason] = told.get(each.settled.reason, 0) + 1
    job.save(update_fields=FIGURES)


FIGURES = [
    *("cursor", "done", "skipped", "undone", "kept", "reasons", "undo_reasons"),
    *("tries", "retry_at"),
]


def _finish(job: BulkJob, at: datetime) -> None:
    if _is_undoing(job):
        move_to(job, BulkStatus.UNDONE, table=BULK_MOVES)
        told = {"undone": job.undone, "kept": job.kept}
    else:
        move_to(job, BulkStatus.DONE, table=BULK_MOVES, finished_at=at)
        told = {"done": job.done, "skipped": job.skipped}
    fact = "bulk.undone" if job.status == BulkStatus.UNDONE else "bulk.finished"
    log.record(fact, subject=job, by=job.requested_by, at=at, action=job.action, **told)


def _give_up(job: BulkJob, at: datetime) -> None:
    """What was done stays done, and whom nobody came to is left as they are."""
    move_to(job, BulkStatus.FAILED, table=BULK_MOVES, finished_at=at)
    told = {"done": job.done, "undone": job.undone}
    log.record("bulk.failed", subject=job, by=job.requested_by, at=at, action=job.action, **told)
