"""Asignar: many customers to one adviser, or to nobody."""

from collections.abc import Mapping
from datetime import datetime

from acuerdo.conversations import inbox
from acuerdo.conversations.bulk.action import Action, Customers, Settled, Trace
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.customers import assignment
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User


def carry_out(job: BulkJob, customers: Customers, at: datetime) -> Mapping[int, Settled]:
    adviser = User.objects.filter(pk=job.terms["adviser"]).first()
    rows = assignment.held(customers)
    before = {row.pk: row.adviser_id for row in rows}
    done = _give(job, dict.fromkeys(rows, adviser), at)
    settled = {}
    for pk, owner in before.items():
        if pk in done:
            settled[pk] = Settled(trace={"adviser": owner})
        else:
            is_theirs = owner == job.terms["adviser"]
            settled[pk] = Settled("already_theirs" if is_theirs else "adviser_out_of_portfolio")
    return settled


def take_back(
    job: BulkJob, customers: Customers, traces: Mapping[int, Trace], at: datetime
) -> Mapping[int, str]:
    """To whoever had each before, where nobody gave it to somebody else since."""
    former = {pk: trace["adviser"] for pk, trace in traces.items()}
    people = User.objects.in_bulk({pk for pk in former.values() if pk})
    rows = {row.pk: row for row in assignment.held(customers)}
    ours = [row for row in rows.values() if row.adviser_id == job.terms["adviser"]]
    done = _give(job, {row: people.get(former[row.pk]) for row in ours}, at)
    changed = set(former) - {row.pk for row in ours}
    return {
        pk: "reassigned_meanwhile" if pk in changed else "adviser_gone"
        for pk in former
        if pk not in done
    }


def _give(job: BulkJob, moves: Mapping[Customer, User | None], at: datetime) -> set[int]:
    done = assignment.assign_many(moves, by=job.requested_by, at=at)
    # The list reads its own copies.
    inbox.follow_customers(done)
    return done


ACTION = Action("customers.assign", carry_out, take_back, batch=1000)
