"""One LISTEN connection for a whole process: wakes its readers with the news of a commit."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from django.db import connection

from acuerdo.events import hints, log

Heard = Callable[[dict[str, Any]], Awaitable[None]]

PAUSE = 1.0
# Without it a peer that vanished would never be noticed.
KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}

logger = logging.getLogger(__name__)


async def listen(heard: Heard, *, begun: Callable[[], None]) -> None:
    """Call ``heard`` for each notification, for ever.

    ``begun`` is called at the beginning and after each loss: what was notified before,
    nobody heard.
    """
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**parameters()) as wire:
                for channel in (log.CHANNEL, hints.CHANNEL):
                    await wire.execute(f"LISTEN {channel}")
                begun()
                async for notice in wire.notifies():
                    await heard(json.loads(notice.payload))
        except (psycopg.Error, OSError):
            logger.warning("the listening connection was lost", exc_info=True)
        await asyncio.sleep(PAUSE)


def parameters() -> dict[str, Any]:
    """Those of the pool, without the pool: this connection is never given back."""
    chosen = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname", "sslmode")
    return {name: chosen[name] for name in wanted if chosen.get(name)} | {
        "autocommit": True,
        **KEEPALIVE,
    }
