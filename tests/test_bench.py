"""Every bench that the command offers is there, and the manual knows it."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from bench.__main__ import NAMES

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", NAMES)
def test_bench_is_there_and_explained(name: str) -> None:
    assert find_spec(f"bench.{name}") or find_spec(f"bench.{name}_")
    assert f"| `{name}` |" in (CHECKOUT / "docs" / "performance.md").read_text()
    assert name in (CHECKOUT / "bin" / "bench").read_text()
