"""Works out what each customer owes and hands it to the lists, set by set."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import connection, transaction

from acuerdo.customers import standing
from acuerdo.primitives.arrays import literal

# Overdue is what fell due before the day; what falls due on the day itself is not yet.
_FIGURES = """
SELECT customer_id, currency,
       sum(balance) AS open_amount,
       coalesce(sum(balance) FILTER (WHERE due_on < %(on)s), 0) AS overdue_amount,
       min(due_on) AS oldest_due_on,
       count(*) AS open_debts
FROM ledger_debt
WHERE status = 'open' AND customer_id IN (SELECT customer_id FROM scope)
GROUP BY customer_id, currency
"""
_GIVEN = "SELECT unnest(%(ids)s::bigint[]) AS customer_id"
# Between the day the figure was true and this one, some open debt fell due (or, if the
# clock went back, is no longer due).
_TURNED = """
SELECT DISTINCT s.customer_id FROM customers_standing s
JOIN ledger_debt d ON d.customer_id = s.customer_id AND d.status = 'open'
WHERE d.due_on >= least(s.as_of, %(on)s) AND d.due_on < greatest(s.as_of, %(on)s)
"""


def lock(customer_ids: Iterable[int]) -> None:
    """Every operation on a customer's money starts here, so that two of them queue up."""
    standing.lock(_GIVEN, _given(customer_ids))


def refresh(customer_ids: Iterable[int], *, on: date) -> None:
    """Write balances and standing of these customers as of the date ``on``."""
    _refresh(_GIVEN, _given(customer_ids), on=on)


def refresh_locked(customer_ids: Iterable[int], *, on: date) -> None:
    """As ``refresh``, for a transaction that holds these customers already."""
    standing.set_standings(_FIGURES, _GIVEN, {**_given(customer_ids), "on": on}, as_of=on)


@transaction.atomic
def roll(*, on: date) -> int:
    """Bring up to date the customers whose overdue figure changes by the date alone."""
    with connection.cursor() as cursor:
        cursor.execute(_TURNED, {"on": on})
        ids = [row[0] for row in cursor.fetchall()]
    if ids:
        refresh(ids, on=on)
    return len(ids)


@transaction.atomic
def _refresh(scope: str, params: Mapping[str, Any], *, on: date) -> None:
    """Lock first, read second: the reading then sees what the lock's last holder committed."""
    standing.lock(scope, params)
    standing.set_standings(_FIGURES, scope, {**params, "on": on}, as_of=on)


def _given(customer_ids: Iterable[int]) -> dict[str, str]:
    return {"ids": literal(sorted(set(customer_ids)))}
