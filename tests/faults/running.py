"""The fake provider as a process, and the questions that a test asks it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from acuerdo.server import ports
from tests.faults import invariants

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 20


class Fake:
    """The running provider."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = log

    def fault(self, mode: str, **about: object) -> None:
        told = self._post("/faults", {"mode": mode, **about})
        assert "error" not in told, told

    def forget(self) -> None:
        self._post("/forget", {})

    def statuses(self, *told: str, **about: object) -> dict[str, Any]:
        return self._post("/statuses", {"statuses": told, **about})

    def inbound(self, **message: object) -> str:
        return str(self._post("/inbound", message)["id"])

    def account(self, callback: str, secret: str, wire: str) -> None:
        self._post("/accounts", {"callback": callback, "secret": secret, "wire": wire})

    def lines(self, event: str = "accepted") -> list[dict[str, Any]]:
        return [line for line in invariants.read_log(self.log) if line["event"] == event]

    def wait_for(self, count: int, event: str = "accepted") -> list[dict[str, Any]]:
        """The lines of ``event`` once there are so many."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(found := self.lines(event)) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} {event}"
            time.sleep(0.01)
        return found

    def _post(self, path: str, content: object) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}{path}", json=content, trust_env=False, timeout=20)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told


@contextmanager
def fake(folder: Path, *, secret: str, auto: bool = False, seed: int = 0) -> Iterator[Fake]:
    port = ports.any_free()
    command = [
        sys.executable, "-m", "tests.faults.provider", "--port", str(port), "--secret", secret,
        "--log", str(folder / "fake.jsonl"), "--seed", str(seed), *(["--auto"] if auto else []),
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=CHECKOUT, env=os.environ) as process:
        running = Fake(port, folder / "fake.jsonl")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not running.lines("started"):
            assert time.monotonic() < deadline, "the fake provider does not start"
            time.sleep(0.02)
        try:
            _answers(running)
            yield running
        finally:
            process.kill()


def _answers(running: Fake) -> None:
    for _number in range(100):
        try:
            httpx.get(f"{running.url}/health", trust_env=False)
        except httpx.ConnectError:
            time.sleep(0.02)
        else:
            return
