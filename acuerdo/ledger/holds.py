"""Why the main flow must leave a customer alone today. Manual work asks nothing of this."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from acuerdo.customers.models import SILENCING_ALERTS
from acuerdo.primitives.arrays import literal

# The order is the order of the CASE: the first that holds is the reason that is shown.
REASONS = (
    "inactive",
    "charged_off",
    "nothing_owed",
    "paused",
    *(f"alert_{kind}" for kind in SILENCING_ALERTS),
    "promise_pending",
    "report_pending",
)


def blockers(customer_ids: Iterable[int], *, on: date) -> dict[int, str]:
    """The reason of each customer that must wait on the date ``on``; the others are missing."""
    query = f"""
        SELECT id, reason FROM (
            SELECT c.id, {blocker_sql("c")} AS reason
            FROM customers_customer c WHERE c.id = ANY(%(ids)s::bigint[])) AS found
        WHERE reason IS NOT NULL"""
    with connection.cursor() as cursor:
        cursor.execute(query, {"ids": literal(customer_ids), "on": on})
        return dict(cursor.fetchall())


def blocker_sql(customer_alias: str, *, on: str = "%(on)s") -> str:
    """An SQL expression: the reason, or NULL. ``customer_alias`` names customers_customer.

    The statement around it has to give the parameter ``on``, or pass another expression.
    """
    c = customer_alias
    alerts = "\n".join(_alert(kind, c) for kind in SILENCING_ALERTS)
    return f"""CASE
        WHEN {c}.status <> 'active' THEN 'inactive'
        WHEN EXISTS (SELECT 1 FROM organization_portfolio p WHERE p.id = {c}.portfolio_id
            AND (p.kind = 'charged_off' OR NOT p.is_active)) THEN 'charged_off'
        WHEN NOT EXISTS (SELECT 1 FROM ledger_debt d
            WHERE d.customer_id = {c}.id AND d.status = 'open') THEN 'nothing_owed'
        WHEN EXISTS (SELECT 1 FROM customers_pause z WHERE z.customer_id = {c}.id
            AND z.resumed_at IS NULL AND z.until > {on}) THEN 'paused'
        {alerts}
        WHEN EXISTS (SELECT 1 FROM ledger_promise m WHERE m.customer_id = {c}.id
            AND m.status = 'pending' AND {on} <= m.due_on + {_GRACE}
            AND (m.parts = 1 OR NOT {_BROKEN_PLAN})) THEN 'promise_pending'
        WHEN EXISTS (SELECT 1 FROM ledger_paymentreport r WHERE r.customer_id = {c}.id
            AND r.status = 'reported' AND r.holds_until >= {on}) THEN 'report_pending'
        END"""


# Whoever broke one part is asked again, though the later parts may still be kept.
_BROKEN_PLAN = """EXISTS (SELECT 1 FROM ledger_promise b WHERE b.customer_id = m.customer_id
                AND b.status = 'broken'
                AND coalesce(b.plan_id, b.id) = coalesce(m.plan_id, m.id))"""
_GRACE = "coalesce((SELECT o.promise_grace_days FROM organization_organization o), 0)"


def _alert(kind: str, c: str) -> str:
    return f"""WHEN EXISTS (SELECT 1 FROM customers_alert a WHERE a.customer_id = {c}.id
            AND a.kind = '{kind}' AND a.cleared_at IS NULL) THEN 'alert_{kind}'"""
