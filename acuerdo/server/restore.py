"""`acuerdo restore FILE`: a backup takes the place of everything in the database.

A restored database believes that yesterday's messages are still due. Hence sending starts paused,
and a half-done restore keeps the processes from starting.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg

from acuerdo.server import clients, cluster, environment, supervisor, up
from acuerdo.server.backup import DUMP, FILES, FORMAT, KEY, MANIFEST
from acuerdo.server.problems import ServerProblem
from acuerdo.server.supervisor import say

REASON = "Restaurado de una copia: revise lo pendiente y libere los envíos."


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="acuerdo restore", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(words)
    folder = environment.data_dir()
    environment.prepare(folder)
    if not options.yes:
        _ask(folder)
    os.umask(0o077)
    lock = supervisor.claim(folder, after_restore=True)
    server = None
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".restore-") as workspace:
            facts = unpack(options.file, Path(workspace))
            server = environment.attach_database(folder)
            bring_back(Path(workspace), folder)
    finally:
        if server is not None:
            server.release()
        lock.close()
    say("restore", f"done; the backup was made at {facts['made_at']}")
    say("restore", "sending is paused; look at what is due, then run: acuerdo release-sending")
    return 0


def _extract(archive: tarfile.TarFile, workspace: Path) -> None:
    """Plain files below ``workspace`` only: the standard filter came with Python 3.11.4."""
    for member in archive.getmembers():
        inside = (workspace / member.name).resolve().is_relative_to(workspace)
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.TarError(f"{member.name} does not belong in a backup")
    if hasattr(tarfile, "data_filter"):
        archive.extraction_filter = tarfile.data_filter
    archive.extractall(workspace)  # noqa: S202 - looked at above


def unpack(source: Path, workspace: Path) -> dict[str, object]:
    """Looked through before anything is touched."""
    try:
        with tarfile.open(source) as archive:
            _extract(archive, workspace.resolve())
        facts: dict[str, object] = json.loads((workspace / MANIFEST).read_text())
    except (OSError, tarfile.TarError, ValueError) as error:
        raise ServerProblem(f"{source} is no backup of Acuerdo: {error}") from error
    if facts.get("format") != FORMAT or not (workspace / DUMP).exists():
        raise ServerProblem(f"{source} was made by another release; this one cannot read it.")
    return facts


def bring_back(workspace: Path, folder: Path) -> None:
    _refuse_company(os.environ["DATABASE_URL"])
    unfinished = folder / supervisor.RESTORE_MARK
    cluster.write_private(unfinished, "")
    _load(workspace / DUMP)
    _replace_files(workspace / FILES, folder / FILES)
    if (workspace / KEY).exists():
        cluster.write_private(folder / KEY, (workspace / KEY).read_text())
    up.manage("migrate", "--no-input", "--verbosity", "0")
    up.manage("pause_sending", "--reason", REASON)
    unfinished.unlink()


def _ask(folder: Path) -> None:
    if not sys.stdin.isatty():
        raise ServerProblem("A restore replaces everything. Add --yes to confirm.")
    print(f"Everything in the database of {folder} will be replaced by the backup.")
    if input("Type 'restore' to go on: ").strip() != "restore":
        raise ServerProblem("Nothing was changed.")


def _refuse_company(url: str) -> None:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        ).fetchone()
    if row and row[0]:
        raise ServerProblem(
            f"{row[0]} other connections use this database. Stop web, live and worker first."
        )


def _load(dump: Path) -> None:
    """In one transaction: either all of the backup is there, or all of what was there before."""
    url = os.environ["DATABASE_URL"]
    script = clients.command(
        "pg_restore", ["--no-owner", "--no-privileges", "--file=-", str(dump)], url=url
    )
    words = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    empty = ["--output=/dev/null", "--command=DROP OWNED BY CURRENT_USER CASCADE", "--file=-"]
    with subprocess.Popen(script, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as reader:
        done = subprocess.run(
            clients.command("psql", [*words, *empty], url=url),
            check=False,
            stdin=reader.stdout,
            stderr=subprocess.PIPE,
            text=True,
            env=clients.variables(url),
        )
    clients.refuse_failure("psql", done.returncode, done.stderr)
    clients.refuse_failure("pg_restore", reader.returncode, "the backup's dump is damaged")


def _replace_files(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        shutil.move(source, target)
