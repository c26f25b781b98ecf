"""The narrow row that lists read. Only the ledger calls the writers of figures."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection

from acuerdo.customers import owners
from acuerdo.customers.models import Customer, Standing


def start(customer: Customer) -> Standing:
    """Every customer has a standing from its first moment: nothing owed."""
    return Standing.objects.create(
        customer=customer, portfolio_id=customer.portfolio_id, adviser_id=customer.adviser_id
    )


def copy_owner(customer: Customer) -> None:
    """Bring the copies of portfolio and adviser up to date after a change of either."""
    Standing.objects.filter(pk=customer.pk).update(
        portfolio_id=customer.portfolio_id, adviser_id=customer.adviser_id
    )


def copy_owners(scope: str, params: Mapping[str, Any]) -> None:
    """The same for every customer of ``scope``, a SELECT of customer_id; only what differs."""
    owners.copy(Standing, scope, params)


def lock(scope: str, params: Mapping[str, Any]) -> None:
    """Hold the customers of ``scope`` until the transaction ends, in the order of their ids.

    ``scope`` is a SELECT of one column, customer_id. A customer without a standing gets one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_START.format(scope=scope), params)
        cursor.execute(_LOCK.format(scope=scope), params)


def set_standings(figures: str, scope: str, params: Mapping[str, Any], *, as_of: date) -> None:
    """Write the figures of every customer of ``scope``; those without figures owe nothing.

    ``figures`` is a SELECT of customer_id, currency, open_amount, overdue_amount,
    oldest_due_on, open_debts: one row per customer and currency.
    """
    values = {**params, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(_SET.format(figures=figures, scope=scope), values)


# Without an anti-join: planned as a loop over a table thought empty, it would scan the rows
# that the statement itself has just added, once for each.
_START = """
INSERT INTO customers_standing
    (customer_id, portfolio_id, adviser_id, currency, open_amount, overdue_amount, open_debts)
SELECT c.id, c.portfolio_id, c.adviser_id, '', 0, 0, 0
FROM customers_customer c
WHERE c.id IN ({scope})
ON CONFLICT (customer_id) DO NOTHING
"""
# As an array the ids go through the index whatever the statistics say; right after a first
# import they still call the table empty, and a join would be planned as a loop within a loop.
_LOCK = """
SELECT 1 FROM customers_standing s
WHERE s.customer_id = ANY(ARRAY({scope})) ORDER BY s.customer_id FOR NO KEY UPDATE
"""
_SET = """
WITH scope AS MATERIALIZED (SELECT DISTINCT customer_id FROM ({scope}) AS given),
figures AS MATERIALIZED ({figures}),
gone AS (
    DELETE FROM customers_balance
    WHERE customer_id = ANY(ARRAY(SELECT customer_id FROM scope))
      AND (customer_id, currency) NOT IN (SELECT customer_id, currency FROM figures)
), kept AS (
    INSERT INTO customers_balance AS b
        (customer_id, currency, open_amount, overdue_amount, oldest_due_on)
    SELECT customer_id, currency, open_amount, overdue_amount, oldest_due_on FROM figures
    ON CONFLICT (customer_id, currency) DO UPDATE SET
        open_amount = excluded.open_amount,
        overdue_amount = excluded.overdue_amount,
        oldest_due_on = excluded.oldest_due_on
    WHERE (b.open_amount, b.overdue_amount, b.oldest_due_on) IS DISTINCT FROM
          (excluded.open_amount, excluded.overdue_amount, excluded.oldest_due_on)
), first AS (
    SELECT DISTINCT ON (customer_id) *, sum(open_debts) OVER (PARTITION BY customer_id) AS debts
    FROM figures ORDER BY customer_id, oldest_due_on, currency
)
UPDATE customers_standing s SET
    portfolio_id = c.portfolio_id,
    adviser_id = c.adviser_id,
    currency = coalesce(l.currency, ''),
    open_amount = coalesce(l.open_amount, 0),
    overdue_amount = coalesce(l.overdue_amount, 0),
    oldest_due_on = l.oldest_due_on,
    open_debts = coalesce(l.debts, 0),
    as_of = %(as_of)s
FROM scope
JOIN customers_customer c ON c.id = scope.customer_id
LEFT JOIN first l ON l.customer_id = scope.customer_id
WHERE s.customer_id = scope.customer_id
"""
