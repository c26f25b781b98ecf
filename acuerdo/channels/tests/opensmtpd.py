"""Debian's own SMTP server, private to one test session: it keeps mail, relays and bounces."""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from aiosmtpd.controller import Controller

from acuerdo.channels.tests.conftest import Postman, free_port

PROGRAM = "/usr/sbin/smtpd"
MISSING = "Debian's opensmtpd is not installed (bin/mail-servers installs it for root)"
TAKEN = "another OpenSMTPD runs on this machine, and there is room for one"
CONTROL = "/var/run/smtpd.sock"
ALONE = Path(tempfile.gettempdir()) / "acuerdo-opensmtpd.lock"
NOT_ROOT = "OpenSMTPD starts as root only"

CONFIG = """
listen on 127.0.0.1 port {port} hostname mx.acme.test
table everybody {{ "@" = nobody }}
action "keep" maildir "{folder}/boxes/%{{dest.user:lowercase}}" virtual <everybody>
action "relay" relay host smtp://127.0.0.1:{next_port}
match from any for domain "acme.test" action "keep"
match from any for any action "relay"
"""


class Opensmtpd:
    """Mail for ``acme.test`` stays here; any other goes on to ``other_side``."""

    def __init__(self, folder: Path, next_port: int) -> None:
        self.folder, self.next_port, self.port = folder, next_port, free_port()
        self.other_side = Postman()
        self._next = Controller(self.other_side, hostname="127.0.0.1", port=next_port)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # First, since a server that finds nobody there does not try again for minutes.
        self._next.start()
        boxes = self.folder / "boxes"
        boxes.mkdir()
        boxes.chmod(0o777)
        config = self.folder / "smtpd.conf"
        config.write_text(
            CONFIG.format(port=self.port, next_port=self.next_port, folder=self.folder)
        )
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "-d", "-f", str(config)], stdout=log, stderr=log
            )
        for _try in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self.folder / "log").read_text())

    def mails(self, box: str) -> list[bytes]:
        return [path.read_bytes() for path in (self.folder / "boxes" / box / "new").glob("*")]

    def wait_for(self, box: str) -> bytes:
        for _try in range(300):
            found = self.mails(box)
            if found:
                return found[0]
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)
        if self._next.loop.is_running():
            self._next.stop()


@pytest.fixture(scope="module")
def opensmtpd() -> Iterator[Opensmtpd]:
    if not Path(PROGRAM).exists():
        pytest.skip(MISSING)
    if os.geteuid():
        pytest.skip(NOT_ROOT)
    with ALONE.open("w") as alone:
        # One spool and one control socket for the whole machine: runs take turns.
        if not _is_ours(alone) or _is_somebody_elses():
            pytest.skip(TAKEN)
        folder = Path(tempfile.mkdtemp(prefix="acuerdo-opensmtpd-"))
        folder.chmod(0o755)
        server = Opensmtpd(folder, free_port())
        try:
            server.start()
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(alone: IO[str]) -> bool:
    for _try in range(100):
        try:
            fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(1)
        else:
            return True
    return False


def _is_somebody_elses() -> bool:
    """Whether a mail server of this machine's own answers on the control socket."""
    with socket.socket(socket.AF_UNIX) as control:
        try:
            control.connect(CONTROL)
        except OSError:
            return False
    return True
