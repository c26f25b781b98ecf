"""CPU seconds of what a bench sets going: other work on the machine hardly disturbs them.

Read from /proc, so the database must run on this machine; its backends count while they live.
"""

import os
from pathlib import Path

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")
PROCESSES = Path("/proc")


def now(*, below: int | None = None) -> float:
    """Of the backends of our database, and of this process or of ``below`` and its children."""
    ours = [os.getpid()] if below is None else _family(below)
    return sum(map(_used, [*ours, *_backends()])) / TICKS


def _backends() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return [row[0] for row in cursor.fetchall()]


def _family(first: int) -> list[int]:
    parents = {int(each.name): _parent(int(each.name)) for each in PROCESSES.glob("[0-9]*")}
    found = [first]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _parent(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[1]) if fields else 0


def _used(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _fields(pid: int) -> list[str]:
    """What follows the name, which may hold spaces; empty once the process has ended."""
    try:
        return (PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
