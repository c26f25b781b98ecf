"""W1, W2, W4: webhooks answered each second, each stored and committed before its answer.

Ours is the web server as an installation runs it, two workers of four threads, asked over
kept-open connections: the address, the signature over the raw bytes, the row. Its requests are
written and signed before the clock runs, as that is the provider's work. The floor writes
the same row by plain SQL, from as many threads and durably. Then what was stored is filed into
the conversations, and last a worker runs beside the server while notices come in at a steady
pace: how long each takes until its message is in the register. The database must be empty.
"""

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from threading import Thread
from typing import Any

from django.db import connection

from acuerdo.channels import secrets
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.receiving import inbound
from acuerdo.primitives import signing
from acuerdo.server import ports, processes
from bench import cpu, outbox

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
    with _web() as (port, web):
        _post_all(port, senders[:200], "warm")
        rounds = [_round(port, web, senders, f"r{turn}") for turn in range(ROUNDS)]
        filed = _file()
        with running(processes.worker()):
            steady = _steady(port, senders)
    ours, floor = (median(getattr(turn, side) for turn in rounds) for side in ("ours", "floor"))
    waits = [wait for turn in rounds for wait in turn.waits]
    return {
        "bench": "inbound",
        "customers": customers,
        "ours": round(ours),
        "floor": round(floor),
        "unit": "webhooks/s",
        "ratio": round(ours / floor, 3),
        "ratios": [round(turn.ours / turn.floor, 3) for turn in rounds],
        "cpu_us": round(median(turn.cpu for turn in rounds) * 1e6),
        "cpu_ratio": round(median(turn.floor_cpu / turn.cpu for turn in rounds), 3),
        "p50_ms": round(median(waits) * 1000, 1),
        "p99_ms": round(quantiles(waits, n=100)[98] * 1000, 1),
        "over_1s": sum(wait > 1 for wait in waits),
        "filed_per_second": round(filed),
        "steady_per_second": STEADY_PER_SECOND,
        "register_p50_ms": round(median(steady) * 1000),
        "register_p95_ms": round(quantiles(steady, n=20)[-1] * 1000),
    }


@dataclass(frozen=True)
class Round:
    """Rates a second, and CPU seconds for each webhook and each row of the floor."""

    ours: float
    floor: float
    cpu: float
    floor_cpu: float
    waits: list[float]


@contextmanager
def _web() -> Iterator[tuple[int, int]]:
    """Its port and its process."""
    port = ports.any_free()
    with running(processes.web(port=port)) as pid:
        wait_for(port)
        yield port, pid


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    for _turn in range(1200):
        try:
            socket.create_connection((ports.LOOPBACK, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)


@contextmanager
def posting(port: int, key: str, senders: list[str]) -> Iterator[Callable[[int, str], float]]:
    """Posts the message of a name from the sender whose turn it is, over one kept-open line."""
    address = f"/webhooks/{key}/"
    with socket.create_connection((ports.LOOPBACK, port), timeout=TIMEOUT) as line:
        yield lambda place, name: _ask(
            line, _request(address, _body(senders[place % len(senders)], name))
        )


@contextmanager
def running(process: processes.Process) -> Iterator[int]:
    running = processes.spawn(process, os.environ)
    assert running.stdout is not None
    # Somebody has to read it, or a talkative process waits for ever.
    Thread(target=running.stdout.read, daemon=True).start()
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait(TIMEOUT)


def _senders() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM customers_contactpoint ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _round(port: int, web: int, senders: list[str], name: str) -> Round:
    count, before = len(senders), outbox.count(_STORED)
    used = cpu.now(below=web)
    spent, waits = _post_all(port, senders, name)
    used = cpu.now(below=web) - used
    stored = outbox.count(_STORED) - before
    assert stored == count, f"{stored} of {count} were stored"
    floor_used = cpu.now()
    floor = _write_all(senders, f"floor-{name}")
    floor_used = cpu.now() - floor_used
    outbox.run(("DELETE FROM channels_webhookreceipt WHERE query = 'floor'",), {})
    return Round(count / spent, count / floor, used / count, floor_used / count, waits)


_STORED = "SELECT count(*) FROM channels_webhookreceipt"


def _post_all(port: int, senders: list[str], name: str) -> tuple[float, list[float]]:
    address = _address()
    requests = [_request(address, _body(each, f"{name}-{n}")) for n, each in enumerate(senders)]
    return _in_threads(lambda part: _post(port, part), requests)


def _write_all(senders: list[str], name: str) -> float:
    account = ChannelAccount.objects.get().pk
    bodies = [_body(each, f"{name}-{n}") for n, each in enumerate(senders)]
    rows = [(account, hashlib.sha256(body).hexdigest(), body, outbox.NOW) for body in bodies]
    return _in_threads(_write, rows)[0]


def _in_threads(
    work: Callable[[list[Any]], list[float]], jobs: list[Any]
) -> tuple[float, list[float]]:
    parts = [jobs[part::THREADS] for part in range(THREADS)]
    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        waits = list(threads.map(work, parts))
    return time.perf_counter() - start, [wait for part in waits for wait in part]


def _address() -> str:
    return f"/webhooks/{ChannelAccount.objects.get().key}/"


def _body(sender: str, name: str) -> bytes:
    return json.dumps(
        {"messages": [{"id": name, "from": sender, "body": f"Hola, ya pagué {name}"}]}
    ).encode()


def _request(address: str, body: bytes) -> bytes:
    head = (
        f"POST {address} HTTP/1.1",
        f"Host: {ports.LOOPBACK}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"X-Acuerdo-Signature: sha256={signing.hmac_sha256(SECRET, body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + body


def _post(port: int, requests: list[bytes]) -> list[float]:
    """Seconds that each answer took."""
    with socket.create_connection((ports.LOOPBACK, port), timeout=TIMEOUT) as line:
        return [_ask(line, request) for request in requests]


def _ask(line: socket.socket, request: bytes) -> float:
    """By the bare socket: a client library costs more than the answer does."""
    start, told = time.perf_counter(), b""
    line.sendall(request)
    while not told.endswith(b"}"):
        part = line.recv(65_536)
        assert part, "the server hung up"
        told += part
    assert told.endswith(b'{"stored": true}'), told
    return time.perf_counter() - start


def _write(rows: list[tuple[Any, ...]]) -> list[float]:
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(_FLOOR, row)
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
    with posting(port, ChannelAccount.objects.get().key, senders) as send:
        connection.close()
        start = time.perf_counter()
        for place in range(STEADY_PER_SECOND * seconds):
            time.sleep(max(0.0, start + place / STEADY_PER_SECOND - time.perf_counter()))
            word = f"{name}-{place}"
            begun[word] = time.perf_counter()
            send(place, word)
