"""A real stand-in provider, as a process of its own; and people who wait for an answer."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from acuerdo.channels.tests.factories import SECRET
from acuerdo.conversations.tests.screens import wrote
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer, phone
from acuerdo.ledger.tests.factories import debt
from acuerdo.organization.models import Portfolio, User


class Provider:
    """The process and the questions that a test asks it."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self.log = log

    def turn(self, **knobs: object) -> None:
        httpx.post(f"{self.url}/knobs", json=knobs, trust_env=False).raise_for_status()

    def events(self, kind: str = "accepted") -> list[dict[str, Any]]:
        lines = map(json.loads, self.log.read_text().splitlines())
        return [line for line in lines if line["event"] == kind]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    log, url = tmp_path / "provider.jsonl", f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "acuerdo.simulator.provider"],
        env=os.environ
        | {
            "ACUERDO_PROVIDER_URL": url,
            "ACUERDO_PROVIDER_LOG": str(log),
            "ACUERDO_PROVIDER_SECRET": SECRET,
        },
    )
    for _ in range(100):
        try:
            httpx.get(f"{url}/health", trust_env=False)
            break
        except httpx.ConnectError:
            time.sleep(0.05)
    yield Provider(url, log)
    process.terminate()
    process.wait(5)


@pytest.fixture
def waiting(book: Portfolio, adviser: User) -> list[Customer]:
    """Four debtors of the adviser who wrote and wait."""
    found = [customer(book, adviser=adviser) for _number in range(4)]
    for each in found:
        phone(each)
        debt(each)
        wrote(each)
    return found
