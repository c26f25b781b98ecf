"""W3: what providers say of messages, stored as it came and applied in batches.

Ours reads each stored body, finds its message by the provider's id, moves it only upwards,
tells the inbox and the listeners, and ticks the receipt off. The floor moves the same rows of
a copy of the register by UPDATE .. FROM, five hundred at a time, durably: the least that any
product on this database can do. The database must be empty.
"""

import time
from statistics import median
from typing import Any

from django.db import connection, transaction

from acuerdo.conversations.receiving import inbound
from acuerdo.primitives import clock
from bench import disk, outbox

BATCH = 500
ROUNDS = 3


def main(customers: int) -> dict[str, Any]:
    outbox.lay(customers, adapter="simulated")
    outbox.run((_FLOOR_TABLE,), {})
    _round(min(customers, 500))
    rounds = [_round(customers) for _turn in range(ROUNDS)]
    ours, floor = (median(turn[side] for turn in rounds) for side in (0, 1))
    return {
        "bench": "statuses",
        "customers": customers,
        "ours": round(ours),
        "floor": round(floor),
        "unit": "statuses/s",
        "ratio": round(ours / floor, 3),
        "ratios": [round(turn[0] / turn[1], 3) for turn in rounds],
    }


def _round(messages: int) -> tuple[float, float]:
    outbox.fill(messages)
    outbox.run(_FILL, {"at": outbox.NOW})
    disk.checkpoint()
    return messages / _ours(messages), messages / _floor(messages)


def _ours(messages: int) -> float:
    start = time.perf_counter()
    with clock.travel(outbox.NOW):
        while inbound.drain():
            pass
    spent = time.perf_counter() - start
    told = outbox.count("SELECT count(*) FROM interactions_interaction WHERE status = 'delivered'")
    assert told == messages, f"{told} of {messages} were applied"
    return spent


def _floor(messages: int) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM floor_register ORDER BY id")
        ids = [row[0] for row in cursor.fetchall()]
    start = time.perf_counter()
    for place in range(0, len(ids), BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FLOOR, [outbox.NOW, ids[place : place + BATCH]])
    spent = time.perf_counter() - start
    told = outbox.count("SELECT count(*) FROM floor_register WHERE status = 'delivered'")
    assert told == messages, f"{told} of {messages} were applied"
    return spent


_FLOOR = """
UPDATE floor_register AS row SET status = 'delivered', delivered_at = %s
FROM unnest(%s::bigint[]) AS told (id) WHERE row.id = told.id AND row.status = 'sent'
"""
_FLOOR_TABLE = "CREATE TABLE floor_register (LIKE interactions_interaction INCLUDING ALL)"
_FILL = (
    "TRUNCATE floor_register, channels_webhookreceipt",
    "DELETE FROM conversations_outgoing",
    "UPDATE interactions_interaction SET status = 'sent', sent_at = %(at)s",
    "UPDATE conversations_message SET provider_id = 'p-' || interaction_id",
    "INSERT INTO floor_register SELECT * FROM interactions_interaction",
    """INSERT INTO channels_webhookreceipt (account_id, event_key, body, content_type, query,
        received_at, tries, set_aside_reason)
    SELECT account_id, interaction_id::text, convert_to(json_build_object('statuses',
        json_build_array(json_build_object('id', provider_id, 'status', 'delivered')))::text,
        'UTF8'), 'application/json', '', %(at)s, 0, '' FROM conversations_message""",
)
