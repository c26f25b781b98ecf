"""One day run by hand at a time: while it travels through the day, workers leave flows alone.

Session locks of the database: they vanish with the process that held them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection
from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal

# Any two numbers that nobody else in this database uses.
DAY_RUN = 7_201_311
EXECUTION = 7_201_312

_held: ContextVar[bool] = ContextVar("held", default=False)


@contextmanager
def running_a_day() -> Iterator[None]:
    """Raises Refusal when another process is already running one.

    Waits for the batch that a worker may be at; later ones find the lock taken.
    """
    if not _ask("SELECT pg_try_advisory_lock(%s)", DAY_RUN):
        raise Refusal(
            "day_running", _("Ya hay otra corrida de un día en marcha; espere a que termine.")
        )
    _ask("SELECT pg_advisory_lock(%s) IS NOT NULL", EXECUTION)
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)
        _ask("SELECT pg_advisory_unlock(%s)", EXECUTION)
        _ask("SELECT pg_advisory_unlock(%s)", DAY_RUN)


def may_execute() -> bool:
    """Whether flows may act now; holds the permission until the transaction ends."""
    return _held.get() or _ask("SELECT pg_try_advisory_xact_lock_shared(%s)", EXECUTION)


def _ask(query: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, [key])
        return bool(cursor.fetchone()[0])
