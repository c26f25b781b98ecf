"""A whole installation of its own, so that killing it hurts nobody else."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from acuerdo.server import cluster, ports
from acuerdo.server.cluster import Cluster
from acuerdo.server.postgres import Server

SECRET = "a secret of the test"
CHECKOUT = Path(__file__).resolve().parents[2]
# What the test run was told must not reach the installation under test.
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ACUERDO_SECRET_KEY", "ACUERDO_DATA_DIR")


@dataclass
class Installation:
    folder: Path
    web: int = field(default_factory=lambda: ports.first_free(8700))
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.live = ports.first_free(self.web + 1)
        self.provider = ports.first_free(self.live + 1)
        self.log = self.folder / "provider.jsonl"
        self.server = Server(self.folder, durable=False)

    @property
    def environ(self) -> dict[str, str]:
        told = {name: value for name, value in os.environ.items() if name not in OURS}
        origin = f"http://{ports.LOOPBACK}"
        return told | {
            "ACUERDO_DATA_DIR": str(self.folder),
            "ACUERDO_DEMO": "1",
            "ACUERDO_BASE_URL": f"{origin}:{self.web}",
            "ACUERDO_LIVE_URL": f"{origin}:{self.live}",
            "ACUERDO_PROVIDER_URL": f"{origin}:{self.provider}",
            "ACUERDO_PROVIDER_LOG": str(self.log),
            "ACUERDO_PROVIDER_SECRET": SECRET,
            # It tells of its own accord what was sent and delivered, as providers do.
            "ACUERDO_PROVIDER_AUTO": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def manage(self, *words: str, code: str = "") -> str:
        """A command of the product, to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "acuerdo", *words],
            input=code,
            env=self.environ,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """Its output goes to a file of the folder, for whoever looks into a failure."""
        output = (self.folder / f"{name}.out").open("ab")
        child = subprocess.Popen(
            [sys.executable, "-m", *words],
            env=self.environ,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        output.close()
        self.running.append(child)
        return child

    def stop(self) -> None:
        for child in reversed(self.running):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=15)
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.server.release()
        self.server.stop()
        cluster.erase(self.folder)

    def processes(self, pattern: str) -> list[int]:
        """Processes of this installation whose command line holds ``pattern``."""
        return [
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and self._is_ours(entry) and pattern in _command(entry)
        ]

    def _is_ours(self, entry: Path) -> bool:
        try:
            told = (entry / "environ").read_bytes()
        except OSError:
            return False
        return f"ACUERDO_DATA_DIR={self.folder}".encode() in told.split(b"\0")

    def postmaster(self) -> int | None:
        found = Cluster.load(self.folder)
        with suppress(OSError, ValueError, IndexError):
            if found is not None:
                return int((found.folder / "postmaster.pid").read_text().splitlines()[0])
        return None

    def kill(self, what: str) -> bool:
        """kill -9, as the kernel does when memory runs out; false when it was not there."""
        if what == "database":
            chosen = [pid for pid in [self.postmaster()] if pid]
        else:
            pattern = {
                "web": "acuerdo.config.wsgi",
                "worker": "acuerdo worker",
                "run-day": "run-day",
            }[what]
            chosen = self.processes(pattern)
        for pid in chosen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(chosen)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        url = self.server.url()
        assert url
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: str) -> None:
        url = self.server.url()
        assert url
        with psycopg.connect(url, connect_timeout=5) as connection:
            connection.execute(statement)

    def words(self) -> str:
        """The last that each process said, for whoever looks into a failure."""
        found = sorted(self.folder.glob("*.out"))
        return "\n".join(f"--- {path.name}\n{path.read_text()[-2500:]}" for path in found)

    def handed_over(self) -> list[dict[str, object]]:
        """What the provider says it accepted: the judge of this test."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        told = [json.loads(line) for line in lines if line.endswith("}")]
        return [line for line in told if line["event"] == "accepted"]


def _command(entry: Path) -> str:
    try:
        words = (entry / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return " ".join(word.decode(errors="replace") for word in words) + " "
