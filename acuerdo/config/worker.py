"""The worker: the jobs of the queue, and a thread for each table that has to be drained.

A drain that fails is logged and tried again with a growing pause; none ever ends on its
own. SIGTERM ends everything within five seconds: what a provider has not answered by
then is found later by its lease.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import psycopg
from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from acuerdo.channels import receipts, sending
from acuerdo.events import listening, log
from acuerdo.organization.settings import follow_clock

POLL = 1.0
# Between empty turns, however many notifications come.
SHORTEST_IDLE = 0.1
LONGEST_PAUSE = 15.0
GRACE = 3.0
CONCURRENCY = 4

Drain = Callable[[], int]

logger = logging.getLogger(__name__)


class Bell:
    """Wakes the drains that wait; a ring while nobody waits is kept until they do."""

    def __init__(self, places: list[str]) -> None:
        self._flags = {place: threading.Event() for place in places}

    def ring(self) -> None:
        for flag in self._flags.values():
            flag.set()

    def wait(self, place: str) -> None:
        self._flags[place].wait(POLL)
        self._flags[place].clear()


def main() -> int:
    """Work until SIGTERM or SIGINT; a drain that cannot be imported ends it at once."""
    drains: dict[str, Drain] = {path: import_string(path) for path in settings.DRAINS}
    stop, bell = threading.Event(), Bell(settings.DRAINS)
    threads = [
        threading.Thread(target=_drain_for_ever, args=(*drain, stop, bell), daemon=True)
        for drain in drains.items()
    ]
    threads.append(threading.Thread(target=_listen, args=(stop, bell), daemon=True))
    for thread in threads:
        thread.start()
    asyncio.run(_work(stop, bell))
    _leave(threads)
    return 0


async def _work(stop: threading.Event, bell: Bell) -> None:
    """Run jobs until a signal comes; a lost database is waited for."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    jobs = asyncio.create_task(_run_jobs())
    await asked.wait()
    stop.set()
    sending.stop()
    bell.ring()
    jobs.cancel()
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(asyncio.gather(jobs, return_exceptions=True), GRACE)


async def _run_jobs() -> None:
    connector = app.connector
    assert isinstance(connector, DjangoConnector)  # noqa: S101 - Django's app has no other
    while True:
        try:
            with app.replace_connector(connector.get_worker_connector()):
                async with app.open_async():
                    await app.run_worker_async(
                        concurrency=CONCURRENCY,
                        fetch_job_polling_interval=POLL,
                        shutdown_graceful_timeout=GRACE - 1,
                        install_signal_handlers=False,
                    )
        except Exception:
            logger.exception("the job worker stopped and starts again")
        await asyncio.sleep(POLL)


def _drain_for_ever(path: str, drain: Drain, stop: threading.Event, bell: Bell) -> None:
    pause = POLL
    while not stop.is_set():
        try:
            if settings.DEMO:
                follow_clock()
            done = drain()
            pause = POLL
        except Exception:
            logger.exception("%s failed", path)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        finally:
            connections.close_all()
        if not done:
            stop.wait(SHORTEST_IDLE)
            bell.wait(path)


def _listen(stop: threading.Event, bell: Bell) -> None:
    """Ring when something was recorded or received; without it the drains look every second."""
    while not stop.is_set():
        try:
            with psycopg.connect(**listening.parameters()) as wire:
                wire.execute(f"LISTEN {log.CHANNEL}")
                wire.execute(f"LISTEN {receipts.CHANNEL}")
                while not stop.is_set():
                    for _notice in wire.notifies(timeout=POLL, stop_after=1):
                        bell.ring()
        except (psycopg.Error, OSError):
            logger.warning("the listening connection was lost", exc_info=True)
            stop.wait(POLL)


def _leave(threads: list[threading.Thread]) -> None:
    """Give the drains a moment to settle, then go: an exchange may hang for minutes."""
    deadline = time.monotonic() + GRACE / 2
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)
