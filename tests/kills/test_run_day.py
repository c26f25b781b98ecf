"""A day's run survives the death of any of its processes, and nobody is written to twice."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.kills.installation import Installation

CUSTOMERS = 5_000
VICTIMS = ("worker", "run-day", "web", "database")
KILLS = 8
# A message in one of these, due and unexplained, would be silence.
SILENT = """
SELECT status, reason, count(*) FROM interactions_interaction
WHERE kind = 'message' AND (status IN ('scheduled', 'processing')
  OR status = 'not_sent' AND reason = '') GROUP BY 1, 2
"""
WAITING_RUNS = """
SELECT status, reason, count(*) FROM flows_steprun
WHERE status IN ('planned', 'postponed') OR status = 'skipped' AND reason = '' GROUP BY 1, 2
"""
GONE = ("sent", "delivered", "opened")
PATIENCE_SECONDS = 150
# The longest wait for the next kill, where processes are slow to come back.
STRIDE_SECONDS = 40


@pytest.fixture
def installation() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="acuerdo-kill-"))
    found = Installation(folder)
    try:
        found.server.attach(keep=True)
        found.manage("migrate", "--no-input", "--verbosity", "0")
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_nobody_is_written_to_twice_and_nothing_due_is_silent(installation: Installation) -> None:
    seed = int(os.environ.get("ACUERDO_KILL_SEED") or random.SystemRandom().randrange(10**6))
    say(f"ACUERDO_KILL_SEED={seed}")
    code = f"from tests.kills import lay; lay.everything({CUSTOMERS})"
    day = installation.manage("shell", "-c", code).split()[-1]
    installation.start(
        "provider", "acuerdo.simulator.provider", "--port", str(installation.provider)
    )
    start_all(installation)
    strike(installation, day, random.Random(seed))
    finish(installation, day)
    assert_nothing_doubled(installation)
    assert_nothing_silent(installation)


def say(line: str) -> None:
    """Shown by pytest when the test fails: with the seed it can be had again."""
    sys.stdout.write(f"{line}\n")


def start_all(installation: Installation) -> None:
    ports = ("--port", str(installation.web), "--live-port", str(installation.live))
    installation.start("up", "acuerdo", "up", *ports, "--workers", "1")
    deadline = time.monotonic() + 40
    while not installation.processes("acuerdo worker"):
        assert time.monotonic() < deadline, (installation.folder / "up.out").read_text()
        time.sleep(0.2)


def strike(installation: Installation, day: str, rng: random.Random) -> None:
    """Kill something at random, again and again, while messages leave."""
    victims = [*VICTIMS, *rng.choices(VICTIMS, k=KILLS - len(VICTIMS))]
    rng.shuffle(victims)
    for place, victim in enumerate(victims):
        progress(installation, day, until=int(CUSTOMERS * (place + rng.random()) / (KILLS + 1)))
        before = len(installation.handed_over())
        say(f"kill -9 {victim}: {installation.kill(victim)}, {before} handed over")


def progress(installation: Installation, day: str, *, until: int) -> None:
    """Let the day run, and run it again whenever it died, until so many have left."""
    run = run_day(installation, day)
    deadline = time.monotonic() + STRIDE_SECONDS
    while len(installation.handed_over()) <= until and time.monotonic() < deadline:
        time.sleep(0.05)
        run = run if run.poll() is None else run_day(installation, day)


def run_day(installation: Installation, day: str) -> "subprocess.Popen[bytes]":
    return installation.start("run-day", "acuerdo", "run-day", "--on", day)


def finish(installation: Installation, day: str) -> None:
    """Left in peace, the day comes to its end: by the command, the worker or both."""
    end_leases(installation)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if run_day(installation, day).wait() == 0 and not left(installation):
            return
        time.sleep(1)
    raise AssertionError(f"still waiting: {left(installation)}\n{installation.words()}")


def end_leases(installation: Installation) -> None:
    """Two minutes go by at once for what the dead were handing over.

    Nobody is alive to hand over meanwhile: a new worker needs longer to start.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not installation.server.is_running():
        assert time.monotonic() < deadline, installation.words()
        time.sleep(0.2)
    for victim in ("worker", "run-day"):
        installation.kill(victim)
    installation.execute(
        "UPDATE conversations_outgoing SET lease_until = clock_timestamp() - interval '1 second'"
        " WHERE lease_until IS NOT NULL"
    )


def left(installation: Installation) -> list[tuple[object, ...]]:
    try:
        return installation.rows(SILENT) + installation.rows(WAITING_RUNS)
    except psycopg.OperationalError as problem:
        return [("database", str(problem))]


def assert_nothing_doubled(installation: Installation) -> None:
    accepted = installation.handed_over()
    for field in ("token", "to"):
        doubled = [
            who for who, count in Counter(row[field] for row in accepted).items() if count > 1
        ]
        assert not doubled, f"{field} twice in the provider's log: {doubled[:5]}"
    known = {row[0] for row in installation.rows("SELECT token FROM conversations_attempt")}
    assert {row["token"] for row in accepted} <= known


def assert_nothing_silent(installation: Installation) -> None:
    runs = counts(installation, "flows_steprun")
    told = counts(installation, "interactions_interaction WHERE kind = 'message'")
    accepted = len(installation.handed_over())
    say(f"runs {runs}, messages {told}, provider {accepted}")
    assert sum(runs.values()) == CUSTOMERS
    assert sum(told.values()) == runs["done"]
    # What the provider took is shown as sent, or in doubt for a person to look at.
    gone = sum(told.get(status, 0) for status in GONE)
    assert gone <= accepted <= gone + told.get("uncertain", 0)
    # Each death leaves at most one batch in doubt.
    assert accepted > CUSTOMERS * 0.6


def counts(installation: Installation, table: str) -> dict[str, int]:
    rows = installation.rows(f"SELECT status, count(*) FROM {table} GROUP BY 1")
    return {str(status): int(str(count)) for status, count in rows}
