"""`acuerdo backup FILE`: the database and the uploaded files in one private archive.

The secret key stays out unless asked for: whoever finds a backup shall not find the providers'
passwords that are sealed inside it.
"""

import argparse
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from acuerdo.server import clients, environment
from acuerdo.server.problems import ServerProblem
from acuerdo.server.release import release
from acuerdo.server.supervisor import say

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
FILES = "files"
KEY = "secret_key"


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="acuerdo backup", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--with-key", action="store_true", help="put the secret key in as well")
    options = parser.parse_args(words)
    folder = environment.data_dir()
    environment.prepare(folder)
    server = environment.attach_database(folder)
    try:
        _refuse_nothing(folder)
        write(options.file.absolute(), folder, with_key=options.with_key)
    finally:
        if server is not None:
            server.release()
    size = options.file.stat().st_size
    say("backup", f"{options.file} written, {size / 1e6:.1f} MB, for your eyes only")
    if not options.with_key:
        say("backup", f"keep a copy of {folder / KEY} elsewhere: it opens the sealed passwords")
    return 0


def _refuse_nothing(folder: Path) -> None:
    """Who forgets ``--data-dir`` would keep an empty database and believe it is theirs."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        found = connection.execute("SELECT to_regclass('organization_organization')").fetchone()
    if found is None or found[0] is None:
        raise ServerProblem(
            f"There is nothing to back up in {folder}: name the folder of your installation"
            " with --data-dir or ACUERDO_DATA_DIR."
        )


def write(target: Path, folder: Path, *, with_key: bool) -> None:
    """Written beside its place and renamed at the end: a file of this name is always whole."""
    if not target.parent.is_dir():
        raise ServerProblem(f"The folder {target.parent} does not exist.")
    os.umask(0o077)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as workspace:
        dump = Path(workspace) / DUMP
        _dump(dump)
        draft = Path(workspace) / "archive.tar"
        with tarfile.open(draft, "w") as archive:
            _add_manifest(archive)
            archive.add(dump, DUMP)
            if (folder / FILES).is_dir():
                archive.add(folder / FILES, FILES)
            if with_key:
                _add_text(archive, KEY, secret_key())
        draft.rename(target)


def secret_key() -> str:
    if key := os.environ.get("ACUERDO_SECRET_KEY"):
        return key
    return Path(os.environ["ACUERDO_SECRET_KEY_FILE"]).read_text()


def _dump(target: Path) -> None:
    words = ["--format=custom", "--no-owner", "--no-privileges", "--no-comments"]
    clients.run("pg_dump", [*words, f"--file={target}"], url=os.environ["DATABASE_URL"])


def _add_manifest(archive: tarfile.TarFile) -> None:
    facts = {
        "format": FORMAT,
        "acuerdo": release(),
        "made_at": datetime.now(UTC).isoformat(),
        "demo": os.environ.get("ACUERDO_DEMO", ""),
    }
    _add_text(archive, MANIFEST, json.dumps(facts, indent=1))


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    entry.mode = 0o600
    archive.addfile(entry, io.BytesIO(text.encode()))
