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

CUSTOMERS = 1_000
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
SENT = "('sent', 'delivered', 'opened')"
PATIENCE_SECONDS = 60


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
    """Kill something at random, again and again, while the day runs."""
    run = run_day(installation, day)
    victims = [*VICTIMS, *rng.choices(VICTIMS, k=KILLS - len(VICTIMS))]
    rng.shuffle(victims)
    for victim in victims:
        time.sleep(rng.uniform(0.3, 2.5))
        run = run if run.poll() is None else run_day(installation, day)
        say(f"kill -9 {victim}: {installation.kill(victim)}, "
              f"{len(installation.handed_over())} handed over")  # fmt: skip


def run_day(installation: Installation, day: str) -> "subprocess.Popen[bytes]":
    return installation.start("run-day", "acuerdo", "run-day", "--on", day)


def finish(installation: Installation, day: str) -> None:
    """Left in peace, the day comes to its end: by the command, the worker or both."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if run_day(installation, day).wait() == 0 and not left(installation):
            return
        time.sleep(1)
    raise AssertionError(f"still waiting: {left(installation)}\n{installation.words()}")


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
    runs = dict(installation.rows("SELECT status, count(*) FROM flows_steprun GROUP BY 1"))
    assert sum(int(str(count)) for count in runs.values()) == CUSTOMERS, runs
    told = dict(installation.rows(
        "SELECT status, count(*) FROM interactions_interaction WHERE kind = 'message' GROUP BY 1"
    ))  # fmt: skip
    say(f"runs {runs}, messages {told}, provider {len(installation.handed_over())}")
    # Every hand-over is accounted for: sent, or in doubt and shown to a person.
    sent = installation.rows(
        f"SELECT count(*) FROM interactions_interaction WHERE kind = 'message' AND status IN {SENT}"
    )[0][0]
    assert int(str(sent)) <= len(installation.handed_over())
    assert len(installation.handed_over()) > CUSTOMERS * 0.9
