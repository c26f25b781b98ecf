"""One process owns the others: it starts them, brings back those that die, and stops them all.

The whole stop takes less than ten seconds: children first, the database last.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from acuerdo.server import processes
from acuerdo.server.locks import FileLock
from acuerdo.server.postgres import Server
from acuerdo.server.problems import ServerProblem
from acuerdo.server.processes import Process

CHILDREN_PATIENCE_SECONDS = 5.0
DATABASE_PATIENCE_SECONDS = 4.0
DATABASE_CHECK_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 30.0
# A child that lived this long had started well: its next death is a new misfortune.
STEADY_SECONDS = 30.0
RESTORE_MARK = "restore-unfinished"


@dataclass
class Child:
    process: Process
    running: subprocess.Popen[str] | None = None
    started_at: float = 0.0
    pause: float = 0.5
    resume_at: float = 0.0

    def start(self) -> None:
        self.running = processes.spawn(self.process, os.environ)
        self.started_at = time.monotonic()
        pump = threading.Thread(target=_pump, args=(self.process.name, self.running), daemon=True)
        pump.start()

    def tend(self) -> None:
        """Start it again after its death, waiting longer each time it dies young."""
        now = time.monotonic()
        if self.running is not None and self.running.poll() is not None:
            self.kill()
            if now - self.started_at > STEADY_SECONDS:
                self.pause = 0.5
            say("up", f"{self.process.name} ended; starting it again in {self.pause:g} s")
            self.running = None
            self.resume_at = now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        if self.running is None and now >= self.resume_at:
            self.start()

    def ask_to_stop(self) -> None:
        if self.running is not None and self.running.poll() is None:
            self.running.terminate()

    def kill(self) -> None:
        """The whole session, as a killed server leaves its workers behind."""
        if self.running is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()


class Supervisor:
    def __init__(self, family: Sequence[Process], *, server: Server | None) -> None:
        self._children = [Child(each) for each in family]
        self._server = server
        self._stopping = threading.Event()
        self._moved = threading.Event()

    def run(self, *, when_up: Callable[[], bool] = lambda: True) -> None:
        """Until a signal asks to stop; `when_up` is asked until it says true."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        watch = threading.Thread(target=self._watch_database, daemon=True)
        watch.start()
        announced = False
        while not self._stopping.wait(0.2):
            if self._moved.is_set():
                self._moved.clear()
                self._stop_children()
            for each in self._children:
                each.tend()
            announced = announced or when_up()
        say("up", "stopping")
        self._stop_children()
        self._leave_database()

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _watch_database(self) -> None:
        """Bring the database back after a crash; at a new address the children must follow."""
        if self._server is None:
            return
        while not self._stopping.wait(DATABASE_CHECK_SECONDS):
            if self._server.is_running():
                continue
            say("up", "the database does not answer; starting it again")
            try:
                url = self._server.attach()
            except (ServerProblem, OSError) as problem:
                say("up", str(problem))
                continue
            if url != os.environ.get("DATABASE_URL"):
                os.environ["DATABASE_URL"] = url
                self._moved.set()

    def _stop_children(self) -> None:
        for each in self._children:
            each.ask_to_stop()
        deadline = time.monotonic() + CHILDREN_PATIENCE_SECONDS
        for each in self._children:
            if each.running is not None:
                with suppress(subprocess.TimeoutExpired):
                    each.running.wait(max(0.0, deadline - time.monotonic()))
            each.kill()
            each.running = None
            each.resume_at = 0.0

    def _leave_database(self) -> None:
        if self._server is None:
            return
        leaving = threading.Thread(target=self._server.release, daemon=True)
        leaving.start()
        leaving.join(DATABASE_PATIENCE_SECONDS)
        if leaving.is_alive():
            say("up", "the database is still stopping and will end by itself")


def claim(data_dir: Path, *, after_restore: bool = False) -> FileLock:
    """One supervisor for each data folder; hold what this gives back."""
    if (data_dir / RESTORE_MARK).exists() and not after_restore:
        raise ServerProblem(
            "A restore of this data was cut short. Nothing starts, so that nothing is sent twice: "
            "run acuerdo restore FILE again."
        )
    lock = FileLock(data_dir / "supervisor.lock")
    if not lock.try_exclusive():
        lock.close()
        raise ServerProblem(
            f"Acuerdo is already running on {data_dir}. Stop it first (Ctrl-C in its terminal), "
            "or name another folder with --data-dir."
        )
    return lock


def say(name: str, line: str) -> None:
    sys.stdout.write(f"{name:<8} | {line}\n")
    sys.stdout.flush()


def _pump(name: str, running: subprocess.Popen[str]) -> None:
    for line in running.stdout or ():
        say(name, line.rstrip("\n"))
