from datetime import timedelta
from typing import Any

import pytest

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account as simulated
from acuerdo.conversations import outbox, provider_rules, windows
from acuerdo.conversations.models import Attempt
from acuerdo.conversations.provider_rules import Ruling, Wanted
from acuerdo.conversations.tests.factories import NOW, customer, phone_of
from acuerdo.conversations.tests.whatsapp import account, hears, provider_template
from acuerdo.customers.models import Customer

pytestmark = pytest.mark.django_db
CALL = {"name": "aviso_cuota", "language": "es_PE"}
DAY = timedelta(hours=24)


def wanted(owner: Customer, id_: int = 1, **changes: Any) -> Wanted:
    what: dict[str, Any] = {"origin": "manual", "template_call": None} | changes
    return Wanted(id_, owner.pk, phone_of(owner).value, **what)


def ruling(line: ChannelAccount, *rows: Wanted, at: Any = NOW) -> Ruling:
    return provider_rules.ask(line, rows, at=at, zone="America/Lima")


def test_free_text_is_for_those_who_wrote_within_a_day() -> None:
    line, owner = account(), customer()
    hears(line, owner, at=NOW, address=phone_of(owner).value.removeprefix("+"))
    assert ruling(line, wanted(owner), at=NOW + DAY - timedelta(seconds=1)).allows(1)
    late = ruling(line, wanted(owner), at=NOW + DAY)
    assert late.closed[1].reason == "window_closed"
    assert "11/03/2026" in late.closed[1].text or "11 mar" in late.closed[1].text


def test_window_is_of_one_account_and_one_address() -> None:
    line, owner = account(), customer()
    other = simulated()
    hears(other, owner, at=NOW, address=phone_of(owner).value)
    hears(line, owner, at=NOW, address="+51900000001")
    assert ruling(line, wanted(owner)).closed
    window = windows.of(line, owner, phone_of(owner).value)
    assert window is not None
    assert window.closes_at is None


def test_old_message_that_arrives_late_opens_nothing() -> None:
    line, owner = account(), customer()
    hears(line, owner, at=NOW - timedelta(days=3), address=phone_of(owner).value)
    assert ruling(line, wanted(owner)).closed


def test_provider_without_a_window_is_not_asked() -> None:
    line, owner = simulated(), customer()
    assert windows.of(line, owner, phone_of(owner).value) is None
    assert ruling(line, wanted(owner)).allows(1)


def test_approved_template_needs_no_window() -> None:
    line = account()
    provider_template(line)
    assert ruling(line, wanted(customer(), template_call=CALL)).allows(1)


def test_stopped_template_is_held_whoever_sends_it() -> None:
    line = account()
    provider_template(line, status="PAUSED", reason="Quejas")
    held = ruling(line, wanted(customer(), template_call=CALL)).held[1]
    assert held.reason == "template_unusable"
    assert "Quejas" in held.text


@pytest.mark.parametrize("origin", ["campaign", "flow", "manual"])
def test_red_quality_holds_what_nobody_asked_for(origin: str) -> None:
    line, owner = account(), customer()
    provider_template(line, quality="RED")
    told = ruling(line, wanted(owner, origin=origin, template_call=CALL))
    assert bool(told.held) == (origin != "manual")


def test_limit_of_persons_a_day_puts_off_the_next_one() -> None:
    line, first, second = account(daily_recipients="1"), customer(), customer()
    provider_template(line)
    sent = outbox.queue_message(
        first, at=NOW, channel="whatsapp", body="Hola", origin="manual",
        account=line, template_call=CALL,
    )  # fmt: skip
    Attempt.objects.create(message=sent, token="t", started_at=NOW, outcome="accepted")
    later = NOW + timedelta(hours=5)
    told = ruling(
        line, wanted(first, 1, template_call=CALL), wanted(second, 2, template_call=CALL), at=later
    )
    assert told.allows(1)
    assert told.later == {2: NOW + DAY}
    assert ruling(line, wanted(second, 2, template_call=CALL), at=NOW + DAY).allows(2)
