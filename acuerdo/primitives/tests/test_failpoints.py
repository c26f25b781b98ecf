"""Points fail when a test says so, and never otherwise."""

import os
import subprocess
import sys

import pytest
from django.conf import LazySettings

from acuerdo.primitives import failpoints
from acuerdo.primitives.failpoints import Failure

PROGRAM = """
import django; django.setup()
from acuerdo.primitives import failpoints
for turn in range(3):
    failpoints.hit("there")
    print(turn, flush=True)
"""


def run(settings: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": settings, "ACUERDO_FAILPOINTS": "there=kill@2"}
        | {"ACUERDO_SECRET_KEY": "x" * 50},
        capture_output=True,
        check=False,
        text=True,
    )
    return done.returncode, done.stdout.split()


def test_point_that_nobody_armed_does_nothing() -> None:
    failpoints.hit("nowhere")


def test_armed_point_fails_and_only_inside_the_block() -> None:
    with failpoints.armed(some__point="raise"), pytest.raises(Failure, match=r"some\.point"):
        failpoints.hit("some.point")
    failpoints.hit("some.point")


def test_point_fails_at_its_turn_only() -> None:
    with failpoints.armed(third="raise@3"):
        failpoints.hit("third")
        failpoints.hit("third")
        with pytest.raises(Failure):
            failpoints.hit("third")
        failpoints.hit("third")


def test_settings_without_failpoints_arm_nothing(settings: LazySettings) -> None:
    del settings.FAILPOINTS
    with pytest.raises(RuntimeError), failpoints.armed(some="raise"):
        pass


def test_environment_arms_a_process_with_the_test_settings_alone() -> None:
    assert run("acuerdo.config.test_settings") == (-9, ["0"])
    assert run("acuerdo.config.settings") == (0, ["0", "1", "2"])
