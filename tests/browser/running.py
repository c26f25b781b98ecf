"""The real demonstration, started as a newcomer starts it, and left again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

READY = re.compile(r"^READY (http://\S+)", re.MULTILINE)
# Two of them may start at the same moment on a machine of two cores.
PATIENCE_SECONDS = 280
CHECKOUT = Path(__file__).resolve().parents[2]
# What the test run itself was told must not reach the demonstration: it has its own.
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ACUERDO_SECRET_KEY", "ACUERDO_DATA_DIR")


@dataclass
class Demo:
    process: subprocess.Popen[str]
    data_dir: Path
    output: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        found = READY.search("".join(self.output))
        return found[1] if found else ""

    def read(self) -> None:
        for line in self.process.stdout or ():
            self.output.append(line)


@contextmanager
def demo() -> Iterator[Demo]:
    """Run ``acuerdo demo`` on a free port with data of its own until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="acuerdo-demo-"))
    running = Demo(_start(folder), folder)
    reader = threading.Thread(target=running.read, daemon=True)
    reader.start()
    try:
        _wait(running)
        yield running
    finally:
        running.process.send_signal(signal.SIGINT)
        try:
            running.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()
        reader.join(timeout=5)
        if running.process.stdout:
            running.process.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> subprocess.Popen[str]:
    told = {name: value for name, value in os.environ.items() if name not in OURS}
    # Two test runs at once must not choose the same "next free port" while they load their data.
    port = str(20_000 + os.getpid() % 10_000 * 3)
    return subprocess.Popen(
        [sys.executable, "-m", "acuerdo", "demo", "--port", port, "--data-dir", str(folder)],
        cwd=CHECKOUT,
        env=told,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def _wait(running: Demo) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not running.url:
        if running.process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError("the demo did not start:\n" + "".join(running.output[-60:]))
        time.sleep(0.2)
