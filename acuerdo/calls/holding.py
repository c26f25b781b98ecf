"""Calls of a flow leave the tray when the flow must leave the customer alone."""

from datetime import date, datetime

from django.db import connection

from acuerdo.calls import scheduling
from acuerdo.calls.models import Call, CallSource
from acuerdo.ledger import holds

BATCH = 2000
# A person asked for the others: they stay whatever the ledger says.
PLANNED_BY_US = (CallSource.FLOW, CallSource.RETRY)


def cancel_held(*, on: date, at: datetime) -> int:
    """Cancel our pending calls to customers who paid, promised or are paused on ``on``."""
    cancelled = 0
    for reason, ids in _held(on).items():
        for first in range(0, len(ids), BATCH):
            calls = list(Call.objects.filter(pk__in=ids[first : first + BATCH]))
            cancelled += scheduling.cancel(calls, reason=reason, by=None, at=at)
    return cancelled


def _held(on: date) -> dict[str, list[int]]:
    query = f"""
        SELECT reason, array_agg(call_id) FROM (
            SELECT call.id AS call_id, {holds.blocker_sql("c")} AS reason
            FROM calls_call call JOIN customers_customer c ON c.id = call.customer_id
            WHERE call.status = 'pending' AND call.source = ANY(%(sources)s)
        ) AS pending WHERE reason IS NOT NULL GROUP BY reason"""
    with connection.cursor() as cursor:
        cursor.execute(query, {"on": on, "sources": [str(each) for each in PLANNED_BY_US]})
        return dict(cursor.fetchall())
