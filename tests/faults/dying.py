"""Work that is done by a process of its own, which dies on the way."""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import connections

from acuerdo.primitives import failpoints

_kept: list[object] = []


def dies_at(point: str, work: Callable[[], object]) -> None:
    """``work`` in a child process that is killed at ``point``, as by kill -9."""
    with child(lambda: _armed(point, work)) as pid:
        _pid, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), f"it never came to {point}"
    assert os.WTERMSIG(status) == signal.SIGKILL


def killed_when(seen: Callable[[], object], work: Callable[[], object]) -> None:
    """``work`` in a child process that is killed as soon as ``seen`` returns."""
    with child(work) as pid:
        seen()
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@contextmanager
def child(work: Callable[[], object]) -> Iterator[int]:
    """A fork that does ``work`` on connections of its own; the caller waits for its end."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        _work_and_leave(work)
    try:
        yield pid
    finally:
        # Left alive after a failure, it would go on working on the next test's rows.
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _work_and_leave(work: Callable[[], object]) -> None:
    code = 1
    try:
        _forget_connections()
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _forget_connections() -> None:
    """The parent's stay as they are: they are not closed, and not collected either."""
    for each in connections.all(initialized_only=True):
        pools = type(each)._connection_pools  # type: ignore[attr-defined]
        _kept.extend([dict(pools), each.connection])
        pools.clear()
        each.connection = None


def _armed(point: str, work: Callable[[], object]) -> None:
    with failpoints.armed(**{point.replace(".", "__"): "kill"}):
        work()
