"""S1: messages handed over each second by one worker, to a channel that does nothing.

Ours asks the ledger and the contact policy again for every message, writes a decision, an
attempt, two moves, an event and the inbox. The floor claims a hundred rows with SKIP
LOCKED, marks them sent and writes one line of a log for each, durably, in one statement
a batch: the least that any outbox on this database can do. The database must be empty.
"""

import resource
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from acuerdo.channels import accounts
from acuerdo.conversations.sending import delivery
from acuerdo.organization import settings as organization_settings
from acuerdo.primitives import clock
from bench import disk

# A Tuesday, ten in the morning in Lima: everything may leave.
NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
CLAIM = 100


ROUNDS = 3


def main(customers: int) -> dict[str, Any]:
    """In turns, after a small round that imports and caches what a worker has for days."""
    lay(customers)
    _round(min(customers, 500))
    rounds = [_round(customers) for _turn in range(ROUNDS)]
    ours, floor = (median(turn[side] for turn in rounds) for side in (0, 1))
    return {
        "bench": "outbox",
        "customers": customers,
        "ours": round(ours),
        "floor": round(floor),
        "unit": "messages/s",
        "ratio": round(ours / floor, 3),
        "ratios": [round(turn[0] / turn[1], 3) for turn in rounds],
        "cpu_us": round(median(turn[2] for turn in rounds)),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _round(messages: int) -> tuple[float, float, float]:
    """Messages a second of ours and of the floor, and the CPU of our process for each of ours."""
    fill(messages)
    used = time.process_time()
    ours = messages / _timed_ours(messages)
    used = time.process_time() - used
    return ours, messages / _timed_floor(messages), used / messages * 1e6


def _timed_ours(messages: int) -> float:
    with clock.travel(NOW):
        start = time.perf_counter()
        while delivery.drain():
            pass
        spent = time.perf_counter() - start
    sent = count("SELECT count(*) FROM interactions_interaction WHERE status = 'sent'")
    assert sent == messages, f"{sent} of {messages} were sent"
    return spent


def _timed_floor(messages: int) -> float:
    start = time.perf_counter()
    while _claim_floor():
        pass
    spent = time.perf_counter() - start
    sent = count("SELECT count(*) FROM floor_log")
    assert sent == messages, f"{sent} of {messages} were sent"
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


def count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def lay(customers: int, *, adapter: str = "nothing", per_second: int = 0) -> None:
    """An installation with customers who owe, one account, and the tables of the floor."""
    settings.CHANNEL_ADAPTERS.setdefault(adapter, f"bench.{adapter}")
    organization_settings.current()
    accounts.create(name="Nada", channel="whatsapp", adapter=adapter, per_second=per_second, at=NOW)
    run(_LAY, {"count": customers, "at": NOW})


def fill(messages: int) -> None:
    """One message due for each of the first customers, and the same rows for the floor."""
    run(_FILL, {"count": messages, "at": NOW})
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {_TABLES}")
    disk.checkpoint()


@transaction.atomic
def run(statements: tuple[str, ...], values: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values if "%(" in statement else None)


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
    """CREATE TABLE floor_outbox (id bigint PRIMARY KEY, customer_id bigint NOT NULL,
        due_at timestamptz NOT NULL, status text NOT NULL)""",
    "CREATE INDEX ON floor_outbox (due_at, id) WHERE status = 'due'",
    """CREATE TABLE floor_log (id bigserial PRIMARY KEY, customer_id bigint NOT NULL
        REFERENCES customers_customer, message_id bigint NOT NULL, at timestamptz NOT NULL)""",
    "CREATE INDEX ON floor_log (customer_id, at DESC, id DESC)",
    "CREATE INDEX ON floor_log (at DESC, id DESC)",
)
_FILL = (
    """TRUNCATE floor_outbox, floor_log, events_event, contact_policy_decision,
        interactions_interaction CASCADE""",
    """INSERT INTO interactions_interaction (customer_id, kind, fact, channel, direction, status,
        origin, source, template, recipient, summary, reason, reason_text, currency, portfolio_id,
        at, created_at)
    SELECT customer_id, 'message', '', 'whatsapp', 'outgoing', 'scheduled', 'flow', '', '', value,
        'Hola', '', '', '', (SELECT max(id) FROM organization_portfolio), %(at)s, %(at)s
    FROM customers_contactpoint ORDER BY id LIMIT %(count)s""",
    """INSERT INTO conversations_message (interaction_id, account_id, contact_point_id, address,
        subject, body)
    SELECT entry.id, account.id, point.id, point.value, '', 'Hola, tu cuota venció.'
    FROM interactions_interaction AS entry
    JOIN customers_contactpoint AS point USING (customer_id)
    CROSS JOIN channels_channelaccount AS account""",
    """INSERT INTO conversations_outgoing (message_id, account_id, customer_id, due_at, tries,
        held_reason)
    SELECT message.interaction_id, message.account_id, entry.customer_id, entry.at, 0, ''
    FROM conversations_message AS message
    JOIN interactions_interaction AS entry ON entry.id = message.interaction_id""",
    """INSERT INTO floor_outbox SELECT id, customer_id, at, 'due'
    FROM interactions_interaction""",
)
_TABLES = """floor_outbox, floor_log, customers_customer, customers_contactpoint,
    customers_standing, ledger_debt, interactions_interaction, conversations_message,
    conversations_outgoing, conversations_attempt, conversations_conversation"""
