"""W1, W2, W4: webhooks answered each second, each stored and committed before its answer.

Ours is the web server as an installation runs it, two workers of four threads, asked over
kept-open connections: the address, the signature over the raw bytes, the row. The floor writes
the same row by plain SQL, from as many threads and durably. Then what was stored is filed into
the conversations, and last a worker runs beside the server while notices come in at a steady
pace: how long each takes until its message is in the register. The database must be empty.
"""

import hashlib
import http.client
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median, quantiles
from threading import Thread
from typing import Any

from django.db import connection

from acuerdo.channels import secrets
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.receiving import inbound
from acuerdo.primitives import signing
from acuerdo.server import ports, processes
from bench import outbox

THREADS = 16
SECRET = "bench"  # noqa: S105 - of a database that is dropped
ROUNDS = 3
STEADY_PER_SECOND = 60
STEADY_SECONDS = 15
TIMEOUT = 30


def main(customers: int) -> dict[str, Any]:
    outbox.lay(customers, adapter="simulated")
    ChannelAccount.objects.update(secrets=secrets.seal({"secret": SECRET}))
    senders = _senders()
    with _web() as port:
        _post_all(port, senders[:200], "warm")
        rounds = [_round(port, senders, f"r{turn}") for turn in range(ROUNDS)]
        filed = _file()
        with _running(processes.worker()):
            steady = _steady(port, senders)
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
        "filed_per_second": round(filed),
        "steady_per_second": STEADY_PER_SECOND,
        "register_p50_ms": round(median(steady) * 1000),
        "register_p95_ms": round(quantiles(steady, n=20)[-1] * 1000),
    }


@contextmanager
def _web() -> Iterator[int]:
    port = ports.any_free()
    with _running(processes.web(port=port)):
        for _turn in range(300):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
                break
            except OSError:
                time.sleep(0.1)
        yield port


@contextmanager
def _running(process: processes.Process) -> Iterator[None]:
    running = processes.spawn(process, os.environ)
    assert running.stdout is not None
    # Somebody has to read it, or a talkative process waits for ever.
    Thread(target=running.stdout.read, daemon=True).start()
    try:
        yield
    finally:
        running.terminate()
        running.wait(TIMEOUT)


def _senders() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM customers_contactpoint ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _round(port: int, senders: list[str], name: str) -> tuple[float, float, list[float]]:
    before = outbox.count("SELECT count(*) FROM channels_webhookreceipt")
    spent, waits = _post_all(port, senders, name)
    stored = outbox.count("SELECT count(*) FROM channels_webhookreceipt") - before
    assert stored == len(senders), f"{stored} of {len(senders)} were stored"
    floor, _waits = _in_threads(_write, senders, f"floor-{name}")
    outbox.run(("DELETE FROM channels_webhookreceipt WHERE query = 'floor'",), {})
    return len(senders) / spent, len(senders) / floor, waits


def _post_all(port: int, senders: list[str], name: str) -> tuple[float, list[float]]:
    return _in_threads(lambda part, word: _post(port, part, word), senders, name)


def _in_threads(
    work: Callable[[list[str], str], list[float]], senders: list[str], name: str
) -> tuple[float, list[float]]:
    parts = [senders[part::THREADS] for part in range(THREADS)]
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        waits = list(threads.map(work, parts, [f"{name}-{part}" for part in range(THREADS)]))
    return time.perf_counter() - start, [wait for part in waits for wait in part]


def _body(sender: str, name: str) -> bytes:
    return json.dumps(
        {"messages": [{"id": name, "from": sender, "body": "Hola, ya pagué"}]}
    ).encode()


def _post(port: int, senders: list[str], name: str) -> list[float]:
    """Seconds that each answer took."""
    line, waits = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT), []
    address = f"/webhooks/{ChannelAccount.objects.get().key}/"
    connection.close()
    for place, sender in enumerate(senders):
        waits.append(_ask(line, address, _body(sender, f"{name}-{place}")))
    line.close()
    return waits


def _ask(line: http.client.HTTPConnection, address: str, body: bytes) -> float:
    signature = f"sha256={signing.hmac_sha256(SECRET, body)}"
    headers = {"X-Acuerdo-Signature": signature, "Content-Type": "application/json"}
    start = time.perf_counter()
    line.request("POST", address, body, headers)
    answer = line.getresponse()
    told = answer.read()
    assert answer.status == 200, told
    return time.perf_counter() - start


def _write(senders: list[str], name: str) -> list[float]:
    account = ChannelAccount.objects.get().pk
    with connection.cursor() as cursor:
        for place, sender in enumerate(senders):
            body = _body(sender, f"{name}-{place}")
            key = hashlib.sha256(body).hexdigest()
            cursor.execute(_FLOOR, [account, key, body, outbox.NOW])
    connection.close()
    return []


_FLOOR = """
INSERT INTO channels_webhookreceipt (account_id, event_key, body, content_type, query,
    received_at, tries, set_aside_reason) VALUES (%s, %s, %s, 'application/json', 'floor', %s, 0, '')
ON CONFLICT DO NOTHING
"""


def _file() -> float:
    """Messages filed each second into their conversations."""
    start = time.perf_counter()
    while inbound.drain():
        pass
    done = outbox.count("SELECT count(*) FROM conversations_message")
    assert done == outbox.count("SELECT count(*) FROM channels_webhookreceipt")
    return done / (time.perf_counter() - start)


def _steady(port: int, senders: list[str]) -> list[float]:
    """Seconds from the request until the message is in the register, by what a reader sees."""
    begun: dict[str, float] = {}
    _send_steadily(port, senders, "woken", {}, seconds=2)
    while outbox.count(_UNFILED):
        time.sleep(0.2)
    last = outbox.count("SELECT max(interaction_id) FROM conversations_message")
    wanted = STEADY_PER_SECOND * STEADY_SECONDS
    sending = Thread(target=_send_steadily, args=(port, senders, "steady", begun))
    sending.start()
    seen: dict[str, float] = {}
    end = time.perf_counter() + STEADY_SECONDS + TIMEOUT
    while len(seen) < wanted and time.perf_counter() < end:
        with connection.cursor() as cursor:
            cursor.execute(_SEEN, [last])
            for name, id_ in cursor.fetchall():
                seen.setdefault(name, time.perf_counter())
                last = max(last, id_ - 1000)
        time.sleep(0.02)
    sending.join()
    assert len(seen) == wanted, f"{len(seen)} of {wanted} came into the register"
    return [seen[name] - began for name, began in begun.items()]


_UNFILED = "SELECT count(*) FROM channels_webhookreceipt WHERE handled_at IS NULL"
_SEEN = """
SELECT provider_id, interaction_id FROM conversations_message
WHERE interaction_id > %s AND provider_id LIKE 'steady-%%'
"""


def _send_steadily(
    port: int, senders: list[str], name: str, begun: dict[str, float], seconds: int = STEADY_SECONDS
) -> None:
    address = f"/webhooks/{ChannelAccount.objects.get().key}/"
    connection.close()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    start = time.perf_counter()
    for place in range(STEADY_PER_SECOND * seconds):
        time.sleep(max(0.0, start + place / STEADY_PER_SECOND - time.perf_counter()))
        word = f"{name}-{place}"
        begun[word] = time.perf_counter()
        _ask(line, address, _body(senders[place % len(senders)], word))
    line.close()
