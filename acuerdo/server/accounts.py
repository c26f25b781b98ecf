"""The operating system account that PostgreSQL runs under: never root, which it refuses."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from acuerdo.server.problems import ServerProblem

# The first of these that exists takes over when Acuerdo itself is started by root.
UNPRIVILEGED_ACCOUNTS = ("acuerdo", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    def run(
        self, command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end in a session of its own, so that Ctrl-C reaches only us.

        Output goes to a pipe, hence the command must not leave a process holding it.
        """
        drop = os.geteuid() == 0
        return subprocess.run(
            [str(word) for word in command],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            user=self.uid if drop else None,
            group=self.gid if drop else None,
            extra_groups=[] if drop else None,
        )

    def can_enter(self, folder: Path) -> bool:
        try:
            return self.run(["test", "-x", folder]).returncode == 0
        except PermissionError:
            return False

    def own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def for_new_cluster() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in UNPRIVILEGED_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServerProblem(
        "PostgreSQL cannot run as root and this system has no account named "
        f"{', '.join(UNPRIVILEGED_ACCOUNTS)}. Start Acuerdo as an ordinary user, "
        "or set DATABASE_URL."
    )


def of_cluster(cluster: Path) -> Account:
    """Whoever made the cluster goes on running it."""
    found = cluster.stat()
    if os.geteuid() not in {0, found.st_uid}:
        raise ServerProblem(
            f"The database in {cluster} belongs to another user (uid {found.st_uid}). "
            "Start Acuerdo as that user, or name another folder with ACUERDO_DATA_DIR."
        )
    return Account(found.st_uid, found.st_gid)
