"""Whose customer it is."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers import facts, standing
from acuerdo.customers.models import Customer
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
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


def owners_of(customer_ids: Iterable[int]) -> dict[int, tuple[int, int | None]]:
    """Portfolio and adviser of each customer as they are now; what the live stream goes by."""
    found = Customer.objects.filter(pk__in=list(customer_ids))
    rows = found.values_list("pk", "portfolio_id", "adviser_id")
    return {pk: (portfolio_id, adviser_id) for pk, portfolio_id, adviser_id in rows}


def _may_work(adviser: User, customer: Customer) -> bool:
    portfolios = scope(adviser).portfolios
    return adviser.is_active and (portfolios is None or customer.portfolio_id in portfolios)
