"""Who may do what, address by address: ``permissions.txt`` says it, and nothing is left out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from acuerdo.customers.tests.factories import NOW
from acuerdo.organization.models import Role, User
from acuerdo.organization.tests import factories
from acuerdo.primitives import clock
from tests.addresses import Address, addresses, arguments, world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.demo_urls"),
    pytest.mark.filterwarnings("ignore:.*:ResourceWarning"),
]
WHO = ("anonymous", "adviser", "supervisor", "administrator", "auditor", "stranger")
FILE = Path(__file__).with_name("permissions.txt")
# A reader's own look, and doors that are no work on anybody's data.
HARMLESS = {
    "calls:view",
    "calls:view_position",
    "calls:view_removal",
    "calls:views",
    "conversations:mention_opening",
    "conversations:mentions_seen",
    "home",
    "conversations:view",
    "conversations:view_position",
    "conversations:view_removal",
    "conversations:views",
    "interactions:columns",
    "organization:appearance",
    "organization:shortcut",
    "organization:shortcut_originals",
    "organization:shortcut_switches",
    "pay_page",
    "pay_page_paper",
    "pay_page_statement",
    "unsubscribe",
    "webhook",
    "ui:gallery",
    "ui:gallery_scene",
}
Table = dict[tuple[str, str], dict[str, int]]


@pytest.fixture(autouse=True)
def one_working_day() -> Iterator[None]:
    with clock.travel(NOW):
        yield


def expected() -> Table:
    lines = [line.split() for line in FILE.read_text().splitlines()]
    rows = [line for line in lines if line and not line[0].startswith("#")]
    return {
        (name, method): dict(zip(WHO, map(int, statuses), strict=True))
        for name, method, *statuses in rows
    }


def cast() -> tuple[dict[str, User | None], dict[str, Any]]:
    portfolio = factories.portfolio()
    people: dict[str, User | None] = {"anonymous": None, "stranger": factories.user()}
    for role in Role.values:
        people[role] = factories.user(role, portfolio)
    administrator = people["administrator"]
    assert administrator
    return people, world(portfolio, by=administrator)


def ask(who: User | None, address: Address, method: str, things: dict[str, Any]) -> int:
    """The status of one request, whose effects are taken back."""
    client = Client(raise_request_exception=False)
    if who:
        client.force_login(who)
    url = reverse(address.name, kwargs=arguments(address, things))
    with transaction.atomic():
        status = client.generic(method, url).status_code
        transaction.set_rollback(True)
    return status


@override_settings(DEMO=True)
@pytest.mark.parametrize("role", WHO)
def test_each_address_answers_each_role_as_the_table_says(role: str) -> None:
    people, things = cast()
    table = expected()
    wrong = []
    for address in addresses():
        for method in ("GET", "POST"):
            wanted = table.get((address.name, method), {}).get(role)
            got = ask(people[role], address, method, things)
            if got != wanted:
                wrong.append(f"{address.name} {method}: {got}, not {wanted}")
    assert not wrong, "\n".join(wrong)


def test_every_address_is_in_the_table_and_nothing_else() -> None:
    assert {name for name, _method in expected()} == {address.name for address in addresses()}


def test_the_auditor_changes_nothing() -> None:
    refused = (403, 405)
    allowed = [
        name
        for (name, method), statuses in expected().items()
        if method == "POST" and name not in HARMLESS and statuses["auditor"] not in refused
    ]
    assert not allowed


def test_nobody_is_let_in_without_signing_in() -> None:
    open_to_all = [
        name
        for (name, _method), statuses in expected().items()
        if statuses["anonymous"] == 200 and name not in HARMLESS
    ]
    assert open_to_all == []


@override_settings(DEMO=True)
def test_what_is_out_of_reach_answers_like_what_never_was() -> None:
    people, things = cast()
    stranger = people["stranger"]
    for address in addresses():
        if "customer" not in address.name and not address.name.startswith("ledger:"):
            continue
        if not address.arguments:
            continue
        missing = {**things, **{key: type(row)(pk=987654) for key, row in things.items()}}
        for method in ("GET", "POST"):
            here = ask(stranger, address, method, things)
            assert here == ask(stranger, address, method, missing), address.name
            assert here in {403, 404, 405}, address.name
