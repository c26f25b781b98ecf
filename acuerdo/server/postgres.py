"""Our own PostgreSQL server: started, found again and stopped.

It lives if a connection to it succeeds; a pid file proves nothing after a crash or a reboot.
It is stopped when the last process that uses it leaves, unless it was started to be kept.
"""

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import pq, sql

from acuerdo.server import accounts, cluster, ports
from acuerdo.server.cluster import APPLICATION, Cluster
from acuerdo.server.locks import FileLock, exclusive
from acuerdo.server.problems import ServerProblem

# After a crash the dead postmaster's lock file stands in the way for a while.
START_PATIENCE_SECONDS = 60
# Replaying the log of a large import takes minutes; giving up would only start it anew.
RECOVERY_PATIENCE_SECONDS = 600
# Other processes hold an address with this port: it is worth waiting for.
PORT_PATIENCE_SECONDS = 10


class Server:
    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        """Without `durable` a power cut may cost the data: for tests alone."""
        self.data_dir = data_dir
        self._durable = durable
        self._lease: FileLock | None = None

    def attach(self, *, keep: bool = False) -> str:
        """Start the server if need be, hold it for this process and give its address."""
        cluster.make_data_dir(self.data_dir)
        if self._lease is None:
            self._lease = FileLock(self.data_dir / "postgres.users")
            self._lease.share()
        with exclusive(self.data_dir / "postgres.lock"):
            found = cluster.open_or_make(self.data_dir)
            if not _answers(found.url()):
                found = self._start(found)
            if keep and not found.kept:
                found = replace(found, kept=True).save(self.data_dir)
        return found.url()

    def release(self) -> None:
        """Leave; whoever leaves last stops a server that nobody asked to keep."""
        if self._lease is None:
            return
        with exclusive(self.data_dir / "postgres.lock"):
            found = Cluster.load(self.data_dir)
            alone = self._lease.try_exclusive()
            if alone and found is not None and not found.kept:
                _stop(found)
        self._lease.close()
        self._lease = None

    def stop(self) -> bool:
        """Stop a kept server; false while other processes still use it."""
        with exclusive(self.data_dir / "postgres.lock"):
            found = Cluster.load(self.data_dir)
            if found is None:
                return True
            replace(found, kept=False).save(self.data_dir)
            lease = FileLock(self.data_dir / "postgres.users")
            try:
                alone = lease.try_exclusive()
                if alone:
                    _stop(found)
            finally:
                lease.close()
        return alone

    def url(self) -> str | None:
        """The address, whether the server runs or not; none before the first start."""
        found = Cluster.load(self.data_dir)
        return found.url() if found is not None and found.made else None

    def is_running(self) -> bool:
        url = self.url()
        return url is not None and _answers(url)

    def _start(self, found: Cluster) -> Cluster:
        started = time.monotonic()
        found = self._claim_port(found)
        words = ""
        while not _answers(found.superuser_url()):
            waited = time.monotonic() - started
            starting_up = _ping(found.superuser_url()) == pq.Ping.REJECT
            if waited > (RECOVERY_PATIENCE_SECONDS if starting_up else START_PATIENCE_SECONDS):
                raise ServerProblem(f"PostgreSQL does not start:\n{words}")
            if not starting_up:
                words = self._launch(found)
            time.sleep(0.1)
        _prepare_application(found)
        return found

    def _claim_port(self, found: Cluster) -> Cluster:
        deadline = time.monotonic() + PORT_PATIENCE_SECONDS
        while not ports.is_free(found.port):
            if _ping(found.superuser_url()) == pq.Ping.REJECT:
                return found
            if time.monotonic() > deadline:
                return replace(found, port=ports.any_free()).save(self.data_dir)
            time.sleep(0.1)
        return found

    def _launch(self, found: Cluster) -> str:
        cluster.configure(found, durable=self._durable)
        log = found.folder / "start.log"
        log.unlink(missing_ok=True)
        answer = _control(found, "start", "-w", "-t", "600", "-l", str(log))
        return answer if not log.exists() else f"{answer}\n{log.read_text()[-2000:]}"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5, autocommit=True).close()
    except psycopg.OperationalError:
        return False
    return True


def _ping(url: str) -> pq.Ping:
    """Not for ever: a foreign program on this port may listen and never speak."""
    return pq.Ping(pq.PGconn.ping(f"{url}?connect_timeout=2".encode()))


def _control(found: Cluster, *words: str) -> str:
    account = accounts.of_cluster(found.folder)
    program = cluster.programs(found).program("pg_ctl")
    answer = account.run([program, "-D", found.folder, *words])
    return f"{answer.stdout}{answer.stderr}".strip()


def _stop(found: Cluster) -> None:
    if found.made and found.folder.exists():
        _control(found, "stop", "-m", "fast", "-w", "-t", "600")


def _prepare_application(found: Cluster) -> None:
    """The application is no superuser: SQL that slips in must not reach the file system."""
    name = sql.Identifier(APPLICATION)
    with psycopg.connect(found.superuser_url(), autocommit=True) as connection:
        with suppress(psycopg.errors.DuplicateObject):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(found.password))
        )
        with suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
