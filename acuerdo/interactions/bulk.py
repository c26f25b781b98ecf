"""Rows of the register by the thousand, one statement for all of them."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

_FACTS = """
INSERT INTO interactions_interaction
    (customer_id, kind, fact, channel, direction, status, origin, source, template, recipient,
     summary, reason, reason_text, amount, currency, subject_id, portfolio_id, adviser_id,
     by_id, at, created_at)
SELECT f.customer_id, 'fact', f.fact, 'dashboard', 'outgoing', 'generated', 'import', '', '', '',
       left(f.summary, 240), '', '', f.amount, f.currency, f.subject_id, c.portfolio_id,
       c.adviser_id, %(by)s::bigint, %(at)s, %(at)s
FROM ({facts}) f JOIN customers_customer c ON c.id = f.customer_id
ORDER BY f.subject_id
"""


def record_imported_facts(facts: str, params: Mapping[str, Any]) -> int:
    """Record what a file brought; says how many rows.

    ``facts`` is a SELECT of customer_id, fact, amount, currency, subject_id, summary;
    ``params`` holds its values, and ``by`` (a user's id or None) and ``at``.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTS.format(facts=facts), params)
        return int(cursor.rowcount)
