"""Runs rivals on connections of their own, all started at one moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from acuerdo.primitives.refusals import Refusal


def race(*rivals: Callable[[], object]) -> list[str]:
    """Start all at one moment, each on its own connection; "ok" or the code of the refusal."""
    start = Barrier(len(rivals))

    def run(rival: Callable[[], object]) -> str:
        try:
            start.wait(timeout=10)
            rival()
        except Refusal as refused:
            return refused.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(len(rivals)) as pool:
        return sorted(pool.map(run, rivals))
