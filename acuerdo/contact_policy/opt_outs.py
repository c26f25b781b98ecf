"""Somebody asked us to stop: it holds at once, on one channel or on all of them."""

from datetime import datetime

from django.db import transaction

from acuerdo.contact_policy.models import OptOut
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.organization.models import User


@transaction.atomic
def record(
    customer: Customer,
    *,
    channel: str = "",
    source: str = "",
    by: User | None,
    at: datetime,
) -> OptOut:
    """Stop ``channel``, or everything when it is empty; asking twice changes nothing."""
    row, is_new = OptOut.objects.get_or_create(
        customer=customer,
        channel=channel,
        lifted_at=None,
        defaults={"source": source[:200], "at": at, "by": by},
    )
    if is_new:
        _tell("opt_out.recorded", row, by=by, at=at)
    return row


@transaction.atomic
def lift(opt_out: OptOut, *, by: User | None, at: datetime) -> None:
    """The person agreed again; lifting twice changes nothing."""
    standing = OptOut.objects.filter(pk=opt_out.pk, lifted_at=None)
    if standing.update(lifted_at=at, lifted_by=by):
        opt_out.refresh_from_db()
        _tell("opt_out.lifted", opt_out, by=by, at=at)


def _tell(type_: str, row: OptOut, *, by: User | None, at: datetime) -> None:
    log.record(
        type_,
        subject=row,
        customer_id=row.customer_id,
        by=by,
        at=at,
        channel=row.channel,
        portfolio_id=row.customer.portfolio_id,
        adviser_id=row.customer.adviser_id,
    )
