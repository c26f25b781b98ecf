"""Brings up workers in milliseconds: imports everything once, then forks for each order.

    python -m tests.faults.nursery FOLDER

Reads a line of standard input for each child (``worker`` or ``load ARGUMENTS``), answers with
its pid. The children are the real thing, in processes and on connections of their own; only
the two seconds that Python needs to read Django are spared, so that a run of kills spends
its time killing.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.utils.module_loading import import_string

PR_SET_PDEATHSIG = 1


def main() -> None:
    _die_with_parent()
    django.setup()
    from acuerdo.config import worker  # noqa: PLC0415 - after setup
    from tests.faults import load  # noqa: PLC0415 - after setup

    for path in [*settings.DRAINS, settings.ROOT_URLCONF + ".urlpatterns"]:
        import_string(path)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    folder = Path(sys.argv[1])
    work: dict[str, Callable[[list[str]], object]] = {
        "worker": lambda _words: worker.main(),
        "load": load.main,
    }
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        name, *words = line.split()
        pid = _born(work[name], words, folder / f"{name}.out")
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _born(work: Callable[[list[str]], object], words: list[str], output: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _die_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _speak_to(output)
        work(words)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(0)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _speak_to(output: Path) -> None:
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, target in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(descriptor, target)


if __name__ == "__main__":
    main()
