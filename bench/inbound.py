"""W1, W2: webhooks answered each second, each stored and committed before its answer.

Ours goes through the whole Django stack in this process, from several threads: the address,
the signature over the raw bytes, the row. The floor writes the same row by plain SQL, from as
many threads and durably. Then the stored messages are filed, one customer's after the other,
and that rate is told as well. The database must be empty.
"""

import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from acuerdo.channels import secrets
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import inbound
from acuerdo.primitives import clock, signing
from bench import outbox

THREADS = 8
SECRET = "bench"  # noqa: S105 - of a database that is dropped
# Filing goes one by one: a part of them tells its rate.
FILED = 2_000
ROUNDS = 3


def main(customers: int) -> dict[str, Any]:
    settings.ALLOWED_HOSTS = ["testserver"]
    outbox.lay(customers, adapter="simulated")
    ChannelAccount.objects.update(secrets=secrets.seal({"secret": SECRET}))
    senders = _senders()
    _post_all(senders[:50], "warm")
    rounds = [_round(senders, f"r{turn}") for turn in range(ROUNDS)]
    ours, floor = (median(turn[side] for turn in rounds) for side in (0, 1))
    waits = [wait for turn in rounds for wait in turn[2]]
    return {
        "bench": "inbound",
        "customers": customers,
        "ours": round(ours),
        "floor": round(floor),
        "unit": "webhooks/s",
        "ratio": round(ours / floor, 3),
        "ratios": [round(turn[0] / turn[1], 3) for turn in rounds],
        "p50_ms": round(median(waits) * 1000, 1),
        "p99_ms": round(quantiles(waits, n=100)[98] * 1000, 1),
        "over_1s": sum(wait > 1 for wait in waits),
        "filed_per_second": round(_file(min(customers, FILED))),
    }


def _senders() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM customers_contactpoint ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _round(senders: list[str], name: str) -> tuple[float, float, list[float]]:
    before = outbox.count("SELECT count(*) FROM channels_webhookreceipt")
    spent, waits = _post_all(senders, name)
    stored = outbox.count("SELECT count(*) FROM channels_webhookreceipt") - before
    assert stored == len(senders), f"{stored} of {len(senders)} were stored"
    floor, _waits = _in_threads(_write, senders, f"floor-{name}")
    outbox.run(("DELETE FROM channels_webhookreceipt WHERE query = 'floor'",), {})
    return len(senders) / spent, len(senders) / floor, waits


def _post_all(senders: list[str], name: str) -> tuple[float, list[float]]:
    return _in_threads(_post, senders, name)


def _in_threads(
    work: Callable[[list[str], str], list[float]], senders: list[str], name: str
) -> tuple[float, list[float]]:
    parts = [senders[part::THREADS] for part in range(THREADS)]
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        waits = list(threads.map(work, parts, [f"{name}-{part}" for part in range(THREADS)]))
    return time.perf_counter() - start, [wait for part in waits for wait in part]


def _bodies(senders: list[str], name: str) -> list[bytes]:
    return [
        json.dumps(
            {"messages": [{"id": f"{name}-{place}", "from": sender, "body": "Hola, ya pagué"}]}
        ).encode()
        for place, sender in enumerate(senders)
    ]


def _post(senders: list[str], name: str) -> list[float]:
    """Seconds that each answer took."""
    client, waits = Client(), []
    address = f"/webhooks/{ChannelAccount.objects.get().key}/"
    for body in _bodies(senders, name):
        signed = {"X-Acuerdo-Signature": f"sha256={signing.hmac_sha256(SECRET, body)}"}
        start = time.perf_counter()
        answer = client.post(address, body, content_type="application/json", headers=signed)
        waits.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.content
    connection.close()
    return waits


def _write(senders: list[str], name: str) -> list[float]:
    account = ChannelAccount.objects.get().pk
    with connection.cursor() as cursor:
        for body in _bodies(senders, name):
            key = hashlib.sha256(body).hexdigest()
            cursor.execute(_FLOOR, [account, key, body, outbox.NOW])
    connection.close()
    return []


_FLOOR = """
INSERT INTO channels_webhookreceipt (account_id, event_key, body, content_type, query,
    received_at, tries, set_aside_reason) VALUES (%s, %s, %s, 'application/json', 'floor', %s, 0, '')
ON CONFLICT DO NOTHING
"""


def _file(messages: int) -> float:
    """Messages filed each second into their conversations."""
    before = outbox.count("SELECT count(*) FROM conversations_message")
    start = time.perf_counter()
    with clock.travel(outbox.NOW):
        while outbox.count("SELECT count(*) FROM conversations_message") - before < messages:
            assert inbound.drain(), "nothing is left to file"
    done = outbox.count("SELECT count(*) FROM conversations_message") - before
    return done / (time.perf_counter() - start)
