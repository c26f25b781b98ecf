"""The desk's lists: a page costs the same whatever its length, and no address breaks it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from acuerdo.channels.adapter import Outcome, Result
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Outgoing
from acuerdo.conversations.tests.factories import NOW, answered, customer, queued, user
from acuerdo.conversations.tests.screens import Browser

pytestmark = pytest.mark.django_db
LISTS = {
    "/envios/por-resolver/": {},
    "/envios/por-resolver/fallidos/": {},
    "/envios/por-resolver/no-enviados/": {},
    "/envios/por-resolver/en-espera/": {"cuando": "ahora"},
    "/envios/por-resolver/avisos/": {},
    "/envios/salud/": {},
}
ODD = (
    "\x00",
    "'",
    "-1",
    "99999999999999999999",
    "0000-99-99",
    "<script>",
    "ñ" * 3000,
    "9999-12-31",
)
KEYS = ("cuenta", "motivo", "desde", "hasta", "cuando", "after", "before")


@pytest.fixture
def line() -> ChannelAccount:
    return account()


@pytest.fixture
def browser(line: ChannelAccount) -> Browser:
    return Browser(user("administrator"), at=NOW)


def fill(line: ChannelAccount, start: int, count: int) -> None:
    for outcome in (Outcome.REFUSED, Outcome.UNCERTAIN):
        for _each in range(count):
            queued(customer())
        answered(line, Result(outcome, code="refused"))
    for number in range(start, start + count):
        WebhookReceipt.objects.create(
            account=line, event_key=str(number), body=b"?", received_at=NOW, set_aside_reason="x"
        )
        queued(customer())
    # What is queued here is held, so that the next round is answered alone.
    Outgoing.objects.update(held_reason="later")


def costs(browser: Browser) -> dict[str, int]:
    found = {}
    for address, query in LISTS.items():
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(address, **query).status_code == 200
        found[address] = len(seen)
    return found


def test_pages_cost_the_same_at_two_and_at_ten_rows(line: ChannelAccount, browser: Browser) -> None:
    fill(line, 0, 2)
    short = costs(browser)
    fill(line, 2, 8)
    Outgoing.objects.update(held_reason="")
    assert costs(browser) == short


@pytest.mark.parametrize("address", LISTS)
def test_no_address_breaks_a_list(line: ChannelAccount, browser: Browser, address: str) -> None:
    fill(line, 0, 1)
    for value in ODD:
        assert browser.get(address, **dict.fromkeys(KEYS, value)).status_code == 200, value
