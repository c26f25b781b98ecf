"""Omitir: the bold goes without an answer. Who wrote after the job was made keeps it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from acuerdo.conversations import inbox
from acuerdo.conversations.bulk.action import Action, Customers, Settled, Trace
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.conversations.inbox import Waited
from acuerdo.conversations.models import Conversation


def carry_out(job: BulkJob, customers: Customers, at: datetime) -> Mapping[int, Settled]:
    waited = inbox.skip_many(
        customers.values(),
        seen_at=job.created_at,
        by=job.requested_by,
        at=at,
        reason=job.terms.get("reason", ""),
    )
    left = [pk for pk in customers if pk not in waited]
    waiting = Conversation.objects.filter(pk__in=left, pending_since__isnull=False)
    wrote = set(waiting.values_list("pk", flat=True)) if left else set()
    settled = {pk: Settled(trace=_trace(each)) for pk, each in waited.items()}
    for pk in left:
        settled[pk] = Settled("wrote_meanwhile" if pk in wrote else "not_waiting")
    return settled


def take_back(
    job: BulkJob, customers: Customers, traces: Mapping[int, Trace], at: datetime
) -> Mapping[int, str]:
    waited = {customers[pk]: _waited(trace) for pk, trace in traces.items()}
    given = inbox.unskip_many(waited, skipped_at=job.created_at, by=job.requested_by, at=at)
    return {pk: "answered_meanwhile" for pk in traces if pk not in given}


def _trace(waited: Waited) -> Trace:
    return asdict(waited) | {"since": waited.since.isoformat()}


def _waited(trace: Trace) -> Waited:
    return Waited(datetime.fromisoformat(trace["since"]), trace["unanswered"])


ACTION = Action("conversations.handle", carry_out, take_back, batch=2000)
