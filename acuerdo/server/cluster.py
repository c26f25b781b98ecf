"""The files of our own PostgreSQL: where they lie, whose they are, how they are configured."""

import json
import os
import secrets
import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from acuerdo.server import accounts, binaries, ports
from acuerdo.server.accounts import Account
from acuerdo.server.binaries import Binaries
from acuerdo.server.problems import ServerProblem

SUPERUSER = "postgres"
APPLICATION = "acuerdo"
# The kernel cuts socket paths at 107 characters.
LONGEST_SOCKET_FOLDER = 85

SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100
# Messages are filed by the hundred, each under a lock: room for some forty such batches at once.
max_locks_per_transaction = 256
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%a '
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_truncate_on_rotation = on
# A statement and the row it failed on hold what people wrote: the message alone is logged.
log_min_error_statement = panic
log_error_verbosity = terse
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


@dataclass(frozen=True)
class Cluster:
    """What is remembered in `postgres.json`, readable only by its owner: it holds the secrets."""

    folder: Path
    port: int
    password: str
    superuser_password: str
    made: bool = False
    kept: bool = False

    @classmethod
    def load(cls, data_dir: Path) -> Self | None:
        try:
            stored = json.loads(_memory(data_dir).read_text())
        except FileNotFoundError:
            return None
        except PermissionError:
            raise ServerProblem(
                f"The data in {data_dir} belongs to another user. Start Acuerdo as that user, "
                "or name another folder with ACUERDO_DATA_DIR."
            ) from None
        return cls(**{**stored, "folder": Path(stored["folder"])})

    def save(self, data_dir: Path) -> Self:
        text = json.dumps({**asdict(self), "folder": str(self.folder)}, indent=1)
        write_private(_memory(data_dir), text)
        return self

    def url(self) -> str:
        return f"postgresql://{APPLICATION}:{self.password}@{ports.LOOPBACK}:{self.port}/acuerdo"

    def superuser_url(self) -> str:
        return (
            f"postgresql://{SUPERUSER}:{self.superuser_password}"
            f"@{ports.LOOPBACK}:{self.port}/postgres"
        )


def write_private(path: Path, text: str, *, owner: Account | None = None) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    if owner is not None:
        owner.own(Path(name))
    Path(name).rename(path)


def make_data_dir(data_dir: Path) -> None:
    """Root's database account may pass through it, without seeing what else it holds."""
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def open_or_make(data_dir: Path) -> Cluster:
    """Call it only under the start lock."""
    cluster = Cluster.load(data_dir) or _plan(data_dir).save(data_dir)
    if not cluster.made:
        _initialise(cluster)
        return replace(cluster, made=True).save(data_dir)
    if not (cluster.folder / "PG_VERSION").exists():
        raise ServerProblem(
            f"The database files in {cluster.folder} are gone, or their disk is not mounted. "
            "Nothing was created in their place. Bring them back, or start in an empty "
            "ACUERDO_DATA_DIR and run: acuerdo restore FILE"
        )
    return cluster


def configure(cluster: Cluster, *, durable: bool) -> None:
    long = len(str(cluster.folder)) > LONGEST_SOCKET_FOLDER
    text = SETTINGS.format(
        port=cluster.port,
        socket_folder="" if long else cluster.folder,
        durable="on" if durable else "off",
    )
    owner = accounts.of_cluster(cluster.folder)
    write_private(cluster.folder / "acuerdo.conf", text, owner=owner)


def programs(cluster: Cluster) -> Binaries:
    major = int((cluster.folder / "PG_VERSION").read_text())
    found = binaries.find(major=major)
    return binaries.usable_by(accounts.of_cluster(cluster.folder), found)


def erase(data_dir: Path) -> None:
    """Delete the database for good. The server must be stopped."""
    cluster = Cluster.load(data_dir)
    if cluster is not None and cluster.folder.exists():
        shutil.rmtree(cluster.folder)


def _memory(data_dir: Path) -> Path:
    return data_dir / "postgres.json"


def _plan(data_dir: Path) -> Cluster:
    return Cluster(
        folder=_place(data_dir),
        port=ports.any_free(),
        password=secrets.token_urlsafe(32),
        superuser_password=secrets.token_urlsafe(32),
    )


def _place(data_dir: Path) -> Path:
    """Inside the data folder, unless root started us where the database account cannot go.

    Opening root's folders to it instead would show debtors' data to everybody.
    """
    if accounts.for_new_cluster().can_enter(data_dir):
        return data_dir / "postgres"
    clusters = binaries.SYSTEM_FOLDER / "clusters"
    try:
        clusters.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise ServerProblem(
            f"PostgreSQL cannot run as root, its account cannot enter {data_dir}, and "
            f"{clusters} cannot be made ({error.strerror}). Start Acuerdo as an ordinary user, "
            "choose an ACUERDO_DATA_DIR outside of root's folders, or set DATABASE_URL."
        ) from error
    return clusters / f"{data_dir.name}-{secrets.token_hex(4)}"


def _initialise(cluster: Cluster) -> None:
    """Made beside its place and then moved, so that a half-made cluster is never used."""
    account = accounts.for_new_cluster()
    found = binaries.usable_by(account, binaries.find())
    fresh = cluster.folder.with_name(f"{cluster.folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account.own(fresh)
    password_file = fresh.with_name(f"{fresh.name}.secret")
    write_private(password_file, cluster.superuser_password, owner=account)
    try:
        _initdb(account, found, fresh, password_file)
    finally:
        password_file.unlink()
    with (fresh / "postgresql.conf").open("a") as stream:
        stream.write("\ninclude 'acuerdo.conf'\n")
    fresh.rename(cluster.folder)


def _initdb(account: Account, found: Binaries, folder: Path, password_file: Path) -> None:
    answer = account.run(
        [
            found.program("initdb"),
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--data-checksums",
            *_locale(found.major),
        ]
    )
    if answer.returncode != 0:
        raise ServerProblem(f"PostgreSQL could not make its files:\n{answer.stderr.strip()}")


def _locale(major: int) -> list[str]:
    """Accented letters must fold (lower('Á') = 'á'), which the plain C locale does not do."""
    first_with_builtin_provider = 17
    if major >= first_with_builtin_provider:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]
