"""The installation that chaos kills: its processes, each started and killed on its own.

It has no supervisor: that one waits longer and longer between deaths, and this is about
dying often. What ``acuerdo up`` does is proved by ``tests/kills``.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from acuerdo.server import cluster, ports, processes
from acuerdo.server.cluster import APPLICATION, Cluster
from acuerdo.server.postgres import Server

SECRET = "a secret of the test"
CHECKOUT = Path(__file__).resolve().parents[2]
# What the test run was told must not reach the installation under test.
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ACUERDO_SECRET_KEY", "ACUERDO_DATA_DIR")
WORKERS = 2


@dataclass
class Field:
    folder: Path
    seed: int
    running: dict[str, int] = field(default_factory=dict)
    children: list[subprocess.Popen[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = Server(self.folder, durable=False)
        self.web_port, self.provider_port = ports.any_free(), ports.any_free()
        self.log = self.folder / "provider.jsonl"

    @property
    def environ(self) -> dict[str, str]:
        told = {name: value for name, value in os.environ.items() if name not in OURS}
        return told | {
            "ACUERDO_DATA_DIR": str(self.folder),
            "ACUERDO_DEMO": "1",
            "ACUERDO_SECRET_KEY": "only for chaos " + "0" * 40,
            "ACUERDO_BASE_URL": f"http://{ports.LOOPBACK}:{self.web_port}",
            "ACUERDO_PROVIDER_URL": self.provider_url,
            "DATABASE_URL": self.server.url() or "",
            "DJANGO_SETTINGS_MODULE": "acuerdo.config.settings",
            "PYTHONUNBUFFERED": "1",
        }

    @property
    def provider_url(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.provider_port}"

    def prepare(self, customers: int) -> None:
        self.server.attach(keep=True)
        self._keep_what_was_committed()
        with ThreadPoolExecutor() as pool:
            words = ("--no-input", "--verbosity", "0")
            list(pool.map(lambda name: self.command(name, *words), ("migrate", "collectstatic")))
        code = f"from tests.faults import ground; ground.lay({customers}, secret={SECRET!r})"
        self.command("shell", "-c", code)

    def _keep_what_was_committed(self) -> None:
        """A killed server loses no commit then; only a power cut could, and there is none."""
        found = Cluster.load(self.folder)
        assert found
        with psycopg.connect(found.superuser_url(), autocommit=True) as connection:
            connection.execute(f"ALTER ROLE {APPLICATION} SET synchronous_commit = on")

    def command(self, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "acuerdo", *words],
            env=self.environ, cwd=CHECKOUT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)

    def begin(self, rate: int) -> None:
        provider = ("--port", str(self.provider_port), "--log", str(self.log), "--auto")
        self._spawn("provider", "-m", "tests.faults.provider", *provider,
                    "--seed", str(self.seed), "--secret", SECRET, "--rude", "0.03")  # fmt: skip
        self.nursery = self._spawn(
            "nursery", "-m", "tests.faults.nursery", str(self.folder), pipe=True
        )
        self._answer()
        for number in range(WORKERS):
            self.start(f"worker{number}")
        self.start("web")
        self.wait_for_web()
        self._order(f"load {self.folder} {rate} {self.provider_url} {self.seed}")

    def start(self, name: str) -> None:
        if name == "database":
            self.server.attach(keep=True)
        elif name == "web":
            command = processes.web(port=self.web_port, workers=1).command[1:]
            self.running["web"] = self._spawn("web", *command).pid
        else:
            self.running[name] = self._order("worker")

    def wait_for_web(self) -> None:
        deadline = time.monotonic() + 90
        while ports.is_free(self.web_port):
            if time.monotonic() > deadline:
                raise RuntimeError(self.words())
            time.sleep(0.1)

    def kill(self, name: str) -> bool:
        """kill -9, as the kernel does when memory runs out; false when it was not there."""
        pid = self.postmaster() if name == "database" else self.running.get(name)
        with suppress(ProcessLookupError):
            if pid and name == "web":
                os.killpg(pid, signal.SIGKILL)
            elif pid:
                os.kill(pid, signal.SIGKILL)
            return bool(pid)
        return False

    def postmaster(self) -> int | None:
        found = Cluster.load(self.folder)
        with suppress(OSError, ValueError, IndexError):
            if found is not None:
                return int((found.folder / "postmaster.pid").read_text().splitlines()[0])
        return None

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.server.url() or "", connect_timeout=5) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def told(self) -> dict[str, Any]:
        """What the provider says of itself: how many it accepted, what it still has to post."""
        answer: dict[str, Any] = httpx.get(
            f"{self.provider_url}/health", trust_env=False, timeout=20
        ).json()
        return answer

    def behave(self) -> None:
        """The provider has no more moods."""
        httpx.post(f"{self.provider_url}/forget", json={}, trust_env=False, timeout=20)

    def end(self) -> None:
        for child in reversed(self.children):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.server.release()
        self.server.stop()
        cluster.erase(self.folder)

    def words(self) -> str:
        """The last that each process said, for whoever looks into a failure."""
        found = sorted(self.folder.glob("*.out"))
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in found)

    def _spawn(self, name: str, *words: str, pipe: bool = False) -> subprocess.Popen[Any]:
        with (self.folder / f"{name}.out").open("ab") as output:
            child = subprocess.Popen(
                [sys.executable, *words],
                env=self.environ,
                cwd=CHECKOUT,
                stdin=subprocess.PIPE if pipe else subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipe else output,
                stderr=output,
                text=pipe,
                start_new_session=True,
            )
        self.children.append(child)
        return child

    def _order(self, words: str) -> int:
        self.nursery.stdin.write(f"{words}\n")
        self.nursery.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        line: str = self.nursery.stdout.readline()
        if not line:
            raise RuntimeError(self.words())
        return line.strip()
