"""Whose customer it is."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from acuerdo.customers import facts, standing
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.organization.access import Scope, scope
from acuerdo.organization.models import User
from acuerdo.primitives.arrays import literal
from acuerdo.primitives.refusals import Refusal


@transaction.atomic
def assign(customer: Customer, adviser: User | None, *, by: User | None, at: datetime) -> Customer:
    """None takes the adviser away. An adviser who may not work the portfolio is refused."""
    if adviser is not None and not _may_work(adviser, customer):
        sentence = _("%(name)s no trabaja la cartera %(portfolio)s.")
        words = {"name": adviser.name, "portfolio": customer.portfolio.name}
        raise Refusal("adviser_out_of_portfolio", sentence % words, field="adviser")
    before = customer.adviser_id
    customer.adviser, customer.updated_at = adviser, at
    customer.save(update_fields=["adviser", "updated_at"])
    standing.copy_owner(customer)
    facts.record("customer.assigned", customer, by=by, at=at, before=before)
    return customer


def held(customer_ids: Iterable[int]) -> list[Customer]:
    """The customers as they are now, locked in the order of ids until the transaction ends."""
    rows = Customer.objects.filter(pk__in=list(customer_ids)).only("portfolio_id", "adviser_id")
    return list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))


@transaction.atomic
def assign_many(
    moves: Mapping[Customer, User | None], *, by: User | None, at: datetime
) -> set[int]:
    """``assign`` for many whose rows are ``held``: the ids of whom it was done for.

    Left out is who has that adviser already, or one who may not work the portfolio.
    """
    reaches = {adviser: scope(adviser) for adviser in set(moves.values()) if adviser}
    changed = {
        customer: customer.adviser_id
        for customer, adviser in moves.items()
        if customer.adviser_id != (adviser.pk if adviser else None)
        and (adviser is None or _reaches(adviser, reaches[adviser], customer))
    }
    for customer in changed:
        customer.adviser = moves[customer]
    _write_advisers(list(changed), at=at)
    told = [
        facts.fact("customer.assigned", customer, customer, before=before)
        for customer, before in changed.items()
    ]
    log.append(told, by=by, at=at)
    return {customer.pk for customer in changed}


def _write_advisers(customers: Collection[Customer], *, at: datetime) -> None:
    ids = literal(customer.pk for customer in customers)
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGN, [at, ids, literal(customer.adviser_id for customer in customers)])
    scope_of_all = "SELECT unnest(%(ids)s::bigint[]) AS customer_id"
    standing.lock(scope_of_all, {"ids": ids})
    standing.copy_owners(scope_of_all, {"ids": ids})


_ASSIGN = """
UPDATE customers_customer AS customer SET adviser_id = row.adviser_id, updated_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS row (id, adviser_id) WHERE customer.id = row.id
"""


def owners_of(customer_ids: Iterable[int]) -> dict[int, tuple[int, int | None]]:
    """Portfolio and adviser of each customer as they are now; what the live stream goes by."""
    found = Customer.objects.filter(pk__in=list(customer_ids))
    rows = found.values_list("pk", "portfolio_id", "adviser_id")
    return {pk: (portfolio_id, adviser_id) for pk, portfolio_id, adviser_id in rows}


def _may_work(adviser: User, customer: Customer) -> bool:
    return _reaches(adviser, scope(adviser), customer)


def _reaches(adviser: User, reach: Scope, customer: Customer) -> bool:
    portfolios = reach.portfolios
    return adviser.is_active and (portfolios is None or customer.portfolio_id in portfolios)
