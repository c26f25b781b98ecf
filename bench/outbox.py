"""S1: messages handed over each second by one worker, to a channel that does nothing.

Ours asks the ledger and the contact policy again for every message, writes a decision, an
attempt, two moves, an event and the inbox. The floor claims a hundred rows with SKIP
LOCKED, marks them sent and writes one line of a log for each, durably, in one statement
a batch: the least that any outbox on this database can do. The database must be empty.
"""

import resource
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from acuerdo.channels import accounts
from acuerdo.conversations import delivery
from acuerdo.organization import settings as organization_settings
from acuerdo.primitives import clock

# A Tuesday, ten in the morning in Lima: everything may leave.
NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
CLAIM = 100


def main(customers: int) -> dict[str, Any]:
    _lay(customers)
    ours = customers / _timed_ours(customers)
    floor = customers / _timed_floor(customers)
    return {
        "bench": "outbox",
        "customers": customers,
        "ours": round(ours),
        "floor": round(floor),
        "unit": "messages/s",
        "ratio": round(ours / floor, 3),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _timed_ours(customers: int) -> float:
    with clock.travel(NOW):
        start = time.perf_counter()
        while delivery.drain():
            pass
        spent = time.perf_counter() - start
    sent = _count("SELECT count(*) FROM interactions_interaction WHERE status = 'sent'")
    assert sent == customers, f"{sent} of {customers} were sent"
    return spent


def _timed_floor(customers: int) -> float:
    start = time.perf_counter()
    while _claim_floor():
        pass
    spent = time.perf_counter() - start
    sent = _count("SELECT count(*) FROM floor_log")
    assert sent == customers, f"{sent} of {customers} were sent"
    return spent


@transaction.atomic
def _claim_floor() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_FLOOR, {"at": NOW, "limit": CLAIM})
        return cursor.rowcount


_FLOOR = """
WITH due AS (
    SELECT id FROM floor_outbox WHERE status = 'due' AND due_at <= %(at)s
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE floor_outbox SET status = 'sent' FROM due WHERE floor_outbox.id = due.id
    RETURNING floor_outbox.id, floor_outbox.customer_id
)
INSERT INTO floor_log (customer_id, message_id, at) SELECT customer_id, id, %(at)s FROM taken
"""


def _count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def _lay(customers: int) -> None:
    """An installation with one message due for each customer, and the same rows for the floor."""
    settings.CHANNEL_ADAPTERS["nothing"] = "bench.nothing"
    organization_settings.current()
    line = accounts.create(name="Nada", channel="whatsapp", adapter="nothing", at=NOW)
    values = {"count": customers, "at": NOW, "account": line.pk}
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _LAY:
            cursor.execute(statement, values if "%(" in statement else None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


_LAY = (
    """INSERT INTO organization_portfolio (name, code, creditor, kind, is_active)
    VALUES ('Banco', 'bench-outbox', '', 'current', true)""",
    """INSERT INTO customers_customer (portfolio_id, document_type, document_number, document_key,
        first_name, last_name, sort_key, is_company, country, subdivision, time_zone, status,
        custom, created_at, updated_at)
    SELECT (SELECT max(id) FROM organization_portfolio), 'OTHER', 'B' || n, 'B' || n,
        'Cliente', n::text, 'cliente ' || n, false, 'PE', '', 'America/Lima', 'active', '{}',
        %(at)s, %(at)s FROM generate_series(1, %(count)s) AS n""",
    """INSERT INTO customers_contactpoint (customer_id, kind, role, value, key, position,
        is_usable, refused_channels, alert, created_at)
    SELECT id, 'phone', 'debtor', '+519' || lpad(id::text, 8, '0'),
        '519' || lpad(id::text, 8, '0'), 1, true, '[]', '', %(at)s FROM customers_customer""",
    """INSERT INTO ledger_debt (customer_id, code, product, currency, amount, balance, due_on,
        status, status_note, custom, created_at, updated_at)
    SELECT id, 'B' || id, '', 'PEN', 100, 100, '2026-03-01', 'open', '', '{}', %(at)s, %(at)s
    FROM customers_customer""",
    """INSERT INTO customers_standing (customer_id, portfolio_id, currency, open_amount,
        overdue_amount, oldest_due_on, open_debts, as_of)
    SELECT id, portfolio_id, 'PEN', 100, 100, '2026-03-01', 1, '2026-03-10'
    FROM customers_customer""",
    """INSERT INTO interactions_interaction (customer_id, kind, fact, channel, direction, status,
        origin, source, template, recipient, summary, reason, reason_text, currency, portfolio_id,
        at, created_at)
    SELECT customer_id, 'message', '', 'whatsapp', 'outgoing', 'scheduled', 'flow', '', '', value,
        'Hola', '', '', '', (SELECT max(id) FROM organization_portfolio), %(at)s, %(at)s
    FROM customers_contactpoint ORDER BY id""",
    """INSERT INTO conversations_message (interaction_id, account_id, contact_point_id, address,
        subject, body)
    SELECT entry.id, %(account)s, point.id, point.value, '', 'Hola, tu cuota venció.'
    FROM interactions_interaction AS entry
    JOIN customers_contactpoint AS point USING (customer_id)""",
    """INSERT INTO conversations_outgoing (message_id, account_id, customer_id, due_at, tries,
        held_reason)
    SELECT id, %(account)s, customer_id, at, 0, '' FROM interactions_interaction""",
    """CREATE TABLE floor_outbox AS SELECT id, customer_id, at AS due_at, 'due'::text AS status
    FROM interactions_interaction""",
    "ALTER TABLE floor_outbox ADD PRIMARY KEY (id)",
    "CREATE INDEX ON floor_outbox (due_at, id) WHERE status = 'due'",
    """CREATE TABLE floor_log (id bigserial PRIMARY KEY, customer_id bigint NOT NULL
        REFERENCES customers_customer, message_id bigint NOT NULL, at timestamptz NOT NULL)""",
    "CREATE INDEX ON floor_log (customer_id, at DESC, id DESC)",
    "CREATE INDEX ON floor_log (at DESC, id DESC)",
)
