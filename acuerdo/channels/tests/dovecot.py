"""Debian's own IMAP server, private to one test session, on a port of its own."""

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from acuerdo.channels.tests.conftest import free_port

PROGRAM = "/usr/sbin/dovecot"
PASSWORD = "correo"
MISSING = "Debian's dovecot-imapd is not installed (bin/mail-servers installs it for root)"

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/boxes/%u
first_valid_uid = 0
{accounts}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/boxes/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-reader {{
    mode = 0666
  }}
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class Dovecot:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = self.folder / "dovecot.conf"
        config.write_text(self._config())
        self._process = subprocess.Popen([PROGRAM, "-F", "-c", str(config)])
        for _try in range(100):
            try:
                self.client("nobody").logout()
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.1)
            else:
                return
        log = self.folder / "log"
        raise RuntimeError(log.read_text() if log.exists() else "dovecot does not answer")

    def _config(self) -> str:
        """Root leaves the rights of the boxes to an account; anybody else has only their own."""
        own = pwd.getpwuid(os.geteuid()).pw_name if os.geteuid() else "dovecot"
        entry = pwd.getpwnam(own)
        accounts = ""
        if os.geteuid():
            accounts = f"default_internal_user = {own}\ndefault_login_user = {own}\n"
            accounts += f"default_internal_group = {grp.getgrgid(entry.pw_gid).gr_name}\n"
        boxes = self.folder / "boxes"
        boxes.mkdir(exist_ok=True)
        if not os.geteuid():
            os.chown(boxes, entry.pw_uid, entry.pw_gid)
        return CONFIG.format(
            folder=self.folder, port=self.port, password=PASSWORD, accounts=accounts,
            user=entry.pw_uid, group=entry.pw_gid,
        )  # fmt: skip

    def client(self, user: str) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(user, PASSWORD)
        return client

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)


class Box:
    """A mailbox of its own for each test, as another program uses it."""

    def __init__(self, server: Dovecot, user: str) -> None:
        self.server = server
        self.port = server.port
        self.user = user

    def put(self, raw: bytes, *, folder: str = "INBOX") -> None:
        client = self.server.client(self.user)
        client.append(folder, "", imaplib.Time2Internaldate(time.time()), raw)
        client.logout()

    def run(self, *command: str, folder: str = "INBOX") -> list[bytes]:
        client = self.server.client(self.user)
        client.select(folder)
        _status, data = client.uid(*command)
        client.logout()
        return [each for each in data if isinstance(each, bytes)]

    def renumber(self, folder: str) -> None:
        """As after a restored backup: the same mails under new numbers."""
        client = self.server.client(self.user)
        client.select(folder)
        _status, rows = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
        client.close()
        client.delete(folder)
        # The numbering is named by the second.
        time.sleep(1.1)
        client.create(folder)
        for row in rows:
            if isinstance(row, tuple):
                client.append(folder, "", imaplib.Time2Internaldate(time.time()), row[1])
        client.logout()

    def make(self, folder: str) -> None:
        client = self.server.client(self.user)
        client.create(folder)
        client.logout()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if not Path(PROGRAM).exists():
        pytest.skip(MISSING)
    # Not below pytest's own folder, which the account of the boxes may not enter.
    folder = Path(tempfile.mkdtemp(prefix="acuerdo-dovecot-"))
    folder.chmod(0o755)
    server = Dovecot(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
