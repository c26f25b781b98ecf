"""Pausar: no automatic message until a day. A pause that runs already is left as it was agreed."""

from collections.abc import Mapping
from datetime import date, datetime

from acuerdo.conversations.bulk.action import Action, Customers, Settled, Trace
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.customers import pauses


def carry_out(job: BulkJob, customers: Customers, at: datetime) -> Mapping[int, Settled]:
    until = date.fromisoformat(job.terms["until"])
    started = pauses.pause_many(
        customers.values(), until=until, note=job.terms["note"], by=job.requested_by, at=at
    )
    left = [pk for pk in customers if pk not in started]
    running = set(pauses.running_of(left).values_list("customer_id", flat=True))
    settled = {pk: Settled(trace={"pause": pause}) for pk, pause in started.items()}
    for pk in left:
        settled[pk] = Settled("already_paused" if pk in running else "pause_in_the_past")
    return settled


def take_back(
    job: BulkJob, customers: Customers, traces: Mapping[int, Trace], at: datetime
) -> Mapping[int, str]:
    ids = [trace["pause"] for trace in traces.values()]
    ended = pauses.resume_many(ids, by=job.requested_by, at=at)
    return {pk: "pause_over" for pk in customers if pk not in ended}


ACTION = Action("pauses.write", carry_out, take_back, batch=1000)
