"""Our own lint: `bin/lint`. Sizes stay small, and each table has one writer."""

import sys
import tomllib
from pathlib import Path

from tools import sizes, writers

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["acuerdo"]
    reasons: dict[str, str] = settings["size_exceptions"] | settings["write_exceptions"]
    found = {**sizes.findings(ROOT, settings["sizes"]), **writers.findings(ROOT)}
    for place, words in found.items():
        if place not in reasons:
            print(f"{place}: {words}")
    for place in reasons.keys() - found.keys():
        print(f"{place}: the exception is no longer needed; delete its line in pyproject.toml")
    return int(found.keys() != reasons.keys())


if __name__ == "__main__":
    sys.exit(main())
