"""Who changes a segment and who places customers take the same rows in the same order."""

import pytest

from acuerdo.customers import segmentation, segments
from acuerdo.customers.segment_rules import Rule
from acuerdo.customers.tests.factories import NOW, customer
from acuerdo.organization.models import Portfolio, User
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)
PERU = Rule(chosen=(("country", ("PE",)),))
COMPANY = Rule(chosen=(("person", ("company",)),))
TURNS = 25


def test_placing_and_changing_wait_for_each_other(book: Portfolio, administrator: User) -> None:
    rows = [segments.create(name, COMPANY, by=administrator, at=NOW) for name in ("Uno", "Dos")]
    ids = [customer(book).pk for _number in range(40)]

    def change() -> None:
        for turn in range(TURNS):
            rule = PERU if turn % 2 else COMPANY
            segments.update(rows[turn % 2], f"Turno {turn}", rule, by=administrator, at=NOW)
            segments.move(rows[0], up=bool(turn % 2), by=administrator, at=NOW)

    def place() -> None:
        for _turn in range(TURNS * 2):
            segmentation.place(ids)

    assert race(change, place, place) == ["ok"] * 3
