"""Faults 5, 11 and 12: a hundred deaths under load, and the provider's log as the judge."""

import json
import os
import random
import subprocess
import sys
from typing import Any

import pytest

from tests.faults.running import CHECKOUT

KILLS = 100


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fault_05_a_hundred_deaths_under_load_break_nothing() -> None:
    seed = os.environ.get("ACUERDO_CHAOS_SEED") or str(random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"ACUERDO_CHAOS_SEED={seed}\n")
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.chaos", "--kills", str(KILLS), "--seed", seed],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(f"{told}\n")
    assert told["first_violations"] == []
    assert (done.returncode, told["kills"], told["violations"]) == (0, KILLS, 0)
    # Each kind dies, and messages go out all the while; fault 12 wants ten deaths of the database.
    assert set(told["killed"]) == {"worker", "web", "database"}
    assert told["killed"]["database"] >= 5
    assert told["sends"] > KILLS
