"""Whose a customer is, copied beside the rows of lists so that an index finds them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Model

THESE = "SELECT unnest(%(customers)s::bigint[])"


def copy(model: type[Model], scope: str, params: Mapping[str, Any], *, only: str = "true") -> int:
    """Bring ``portfolio_id`` and ``adviser_id`` of ``model`` up to date; rows that differ only.

    ``scope`` is a SELECT of customer ids, ``only`` a condition on the row, which is ``mine``.
    Returns how many rows were not.
    """
    return _copy(model, f"{only} AND c.id IN ({scope})", params)


def copy_of(model: type[Model], customer_ids: Iterable[int] | None, *, only: str = "true") -> int:
    """The same for these customers; None: for everybody."""
    if customer_ids is None:
        return _copy(model, only, {})
    return copy(model, THESE, {"customers": list(customer_ids)}, only=only)


def _copy(model: type[Model], condition: str, params: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COPY.format(table=model._meta.db_table, condition=condition), params)
        return int(cursor.rowcount)


_COPY = """
UPDATE {table} AS mine SET portfolio_id = c.portfolio_id, adviser_id = c.adviser_id
FROM customers_customer c
WHERE c.id = mine.customer_id AND {condition}
  AND (mine.portfolio_id, mine.adviser_id) IS DISTINCT FROM (c.portfolio_id, c.adviser_id)
"""
