"""The processes of an installation and how each is started."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from acuerdo.server import child
from acuerdo.server.ports import LOOPBACK

# A browser tab with an open event stream would otherwise hold the server open for ever.
GRANIAN = (sys.executable, "-m", "granian", "--workers-kill-timeout", "2", "--log-level", "warning")


@dataclass(frozen=True)
class Process:
    name: str
    command: tuple[str, ...]


def web(*, host: str = LOOPBACK, port: int, workers: int = 2, threads: int = 4) -> Process:
    serve = ("--interface", "wsgi", "--workers", str(workers), "--blocking-threads", str(threads))
    where = ("--host", host, "--port", str(port), "acuerdo.config.wsgi:application")
    return Process("web", (*GRANIAN, *serve, *where))


def live(*, host: str = LOOPBACK, port: int) -> Process:
    """One worker only: it holds one database connection for all its streams."""
    serve = ("--interface", "asginl", "--workers", "1")
    where = ("--host", host, "--port", str(port), "acuerdo.config.asgi:application")
    return Process("live", (*GRANIAN, *serve, *where))


def worker() -> Process:
    return Process("worker", (sys.executable, "-m", "acuerdo", "worker"))


def provider(*, port: int) -> Process:
    command = (sys.executable, "-m", "acuerdo.simulator.provider", "--port", str(port))
    return Process("provider", command)


def spawn(process: Process, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """Started in a session of its own; it ends when the thread that called this dies."""
    launcher = (sys.executable, "-I", "-S", str(Path(child.__file__)), str(os.getpid()))
    return subprocess.Popen(
        (*launcher, *process.command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**environment, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )


def run_alone(process: Process) -> int:
    """In the foreground, passing on the signals that ask us to stop."""
    running = subprocess.Popen(process.command)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        running.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    return running.wait()
