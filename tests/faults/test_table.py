"""The table of docs/reliability.md names tests that exist, for every fault it must name."""

import re

from tests.faults.running import CHECKOUT

PROMISED = {*range(1, 16), *range(22, 40), *range(41, 44), 57, 58, 62}
ROW = re.compile(r"^\| (\d+) \|.*\| (.+) \|$")
NAMED = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def table() -> dict[int, list[tuple[str, str]]]:
    text = (CHECKOUT / "docs" / "reliability.md").read_text()
    found = re.search(r"<!-- faults -->(.*)<!-- end of faults -->", text, re.DOTALL)
    assert found
    rows = filter(None, map(ROW.match, found[1].splitlines()))
    return {int(row[1]): NAMED.findall(row[2]) for row in rows}


def test_every_promised_fault_has_its_row() -> None:
    assert PROMISED - table().keys() == set()


def test_every_named_test_exists() -> None:
    for number, tests in table().items():
        assert tests, f"fault {number} names no test"
        for path, name in tests:
            source = (CHECKOUT / path).read_text()
            assert f"def {name or 'test_'}" in source, f"fault {number}: {path}::{name}"


def test_every_numbered_test_is_in_the_table() -> None:
    named = {name for tests in table().values() for _path, name in tests}
    for path in (CHECKOUT / "tests" / "faults").glob("test_*.py"):
        for number in re.findall(r"def (test_fault_\d+)", path.read_text()):
            assert number in {name[:13] for name in named}, f"{path.name} has {number}"
