"""Faults 5, 11 and 12: many deaths under load, and the provider's log as the judge."""

import json
import os
import random
import subprocess
import sys
from typing import Any

import pytest

from tests.faults.running import CHECKOUT

# More of them outside of the suite: bin/chaos --kills 1000.
KILLS = int(os.environ.get("ACUERDO_CHAOS_KILLS") or 40)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fault_05_many_deaths_under_load_break_nothing() -> None:
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
    # Each kind dies, the database again and again, and messages go out all the while.
    assert set(told["killed"]) == {"worker", "web", "database"}
    assert told["killed"]["database"] >= KILLS // 10
    assert told["sends"] > KILLS
