"""Costos: what a month's messages were charged as, and at which price."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from acuerdo.channels import rates
from acuerdo.channels.adapter import Outcome, Result, StatusChange
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Charge, Message
from acuerdo.conversations.receiving import statuses
from acuerdo.conversations.receiving.news import News
from acuerdo.conversations.sending import costs, counting
from acuerdo.conversations.tests.factories import NOW, answered, customer, portfolio, queued, user
from acuerdo.conversations.tests.screens import Browser
from acuerdo.customers import contact_points
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import User
from acuerdo.primitives.money import Money

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)
LATER = datetime(2026, 4, 2, tzinfo=UTC)


@pytest.fixture
def line() -> ChannelAccount:
    return account()


def priced(line: ChannelAccount, amount: str, on: date = MARCH, **changes: object) -> None:
    what: dict[str, object] = {"category": "utility", "currency": "USD"} | changes
    early = datetime(2026, 2, 1, tzinfo=UTC)
    rates.add(line, amount=Decimal(amount), valid_from=on, by=None, at=early, **what)  # type: ignore[arg-type]


def sent(line: ChannelAccount, *, at: datetime = NOW, **what: object) -> Message:
    row = queued(customer(), channel=line.channel, **what)
    answered(line, Result(Outcome.ACCEPTED, provider_id=f"p-{row.pk}"))
    Interaction.objects.filter(pk=row.pk).update(at=at)
    return row


def told(row: Message, status: str = "delivered", **pricing: object) -> None:
    change = StatusChange(status, provider_id=f"p-{row.pk}", **pricing)  # type: ignore[arg-type]
    statuses.apply([News(row.account_id, change, NOW)], at=NOW)


def delivered(line: ChannelAccount, *, at: datetime = NOW, billable: bool = True) -> Message:
    row = sent(line, at=at)
    told(row, charged_as="utility", is_billable=billable)
    return row


def march(boss: User | None = None) -> costs.Month:
    for number in range(31):
        counting.recount(MARCH + timedelta(days=number), at=LATER)
    return costs.of_month(boss or user("administrator"), MARCH, at=LATER)


def test_each_day_has_its_own_price(line: ChannelAccount) -> None:
    priced(line, "0.02")
    priced(line, "0.03", date(2026, 3, 11))
    delivered(line)
    delivered(line, at=NOW + timedelta(days=1))
    delivered(line, at=NOW + timedelta(days=2))
    found = [(row.country, row.charged, row.rate and row.rate.amount) for row in march().lines]
    assert found == [("PE", 1, Decimal("0.02")), ("PE", 2, Decimal("0.03"))]
    assert march().totals == [Money(Decimal("0.080000"), "USD")]


def test_what_the_provider_does_not_charge_is_free(line: ChannelAccount) -> None:
    priced(line, "0.02")
    delivered(line, billable=False)
    (row,) = march().lines
    assert (row.is_free, row.cost, row.is_unpriced) == (True, None, False)
    assert (march().free, march().totals) == (1, [])


def test_a_message_without_a_price_is_named(line: ChannelAccount) -> None:
    delivered(line)
    assert (march().unpriced, march().lines[0].is_unpriced, march().totals) == (1, True, [])


def test_two_currencies_are_not_added_up(line: ChannelAccount) -> None:
    sms = account("sms")
    priced(line, "0.02")
    priced(sms, "0.10", category="segment", currency="PEN")
    delivered(line)
    sent(sms)
    assert march().totals == [Money(Decimal("0.1"), "PEN"), Money(Decimal("0.02"), "USD")]


def test_whatsapp_is_paid_once_it_is_delivered(line: ChannelAccount) -> None:
    priced(line, "0.02")
    told(sent(line), "sent", charged_as="utility", is_billable=True)
    (row,) = march().lines
    assert (row.messages, row.charged) == (1, 0)


def test_a_long_sms_is_paid_by_its_parts() -> None:
    sms = account("sms")
    priced(sms, "0.10", category="segment", currency="PEN")
    sent(sms, body="a" * 161)
    assert march().totals == [Money(Decimal("0.20"), "PEN")]


def test_the_number_tells_the_country(line: ChannelAccount) -> None:
    for number in ("+573001234567", "+18095550123", "bsuid:CO.123456"):
        owner = customer()
        kind = "whatsapp" if number.startswith("bsuid") else "phone"
        contact_points.add(owner, kind=kind, value=number, by=None, at=NOW)
        point = owner.contact_points.get(value=number)
        row = queued(owner, contact_point=point)
        answered(line, Result(Outcome.ACCEPTED, provider_id=f"p-{row.pk}"))
        told(row, charged_as="utility", is_billable=True)
    assert [(row.country, row.charged) for row in march().lines] == [("CO", 2), ("DO", 1)]


def test_the_month_is_that_of_the_organisation(line: ChannelAccount) -> None:
    delivered(line, at=datetime(2026, 4, 1, 4, 59, tzinfo=UTC))
    delivered(line, at=datetime(2026, 4, 1, 5, 0, tzinfo=UTC))
    assert sum(row.charged for row in march().lines) == 1


def test_a_supervisor_sees_the_cost_of_his_portfolios(line: ChannelAccount) -> None:
    boss = user("supervisor", portfolio("other"))
    delivered(line)
    assert march(boss).lines == []
    assert march(user("supervisor", portfolio())).lines


def test_the_last_word_counts_and_nothing_said_changes_nothing(line: ChannelAccount) -> None:
    row = delivered(line)
    told(row, "opened")
    assert Charge.objects.get().is_billable
    told(row, "delivered", charged_as="utility", is_billable=False)
    assert not Charge.objects.get().is_billable


def test_charges_of_a_batch_are_one_statement(line: ChannelAccount) -> None:
    rows = [sent(line) for _each in range(4)]
    news = [
        News(line.pk, StatusChange("delivered", f"p-{row.pk}", is_billable=True), NOW)
        for row in rows
    ]
    with CaptureQueriesContext(connection) as queries:
        statuses.apply(news, at=NOW)
    assert sum("INTO conversations_charge" in each["sql"] for each in queries) == 1
    assert Charge.objects.count() == 4


def test_the_page_reads_no_message(line: ChannelAccount) -> None:
    delivered(line)
    march()
    with CaptureQueriesContext(connection) as queries:
        assert costs.of_month(user("administrator"), MARCH, at=LATER).lines
    asked = " ".join(each["sql"] for each in queries)
    assert "conversations_message" not in asked
    assert "interactions_interaction" not in asked


def test_the_page_leads_to_the_price_that_is_missing(line: ChannelAccount) -> None:
    delivered(line)
    march()
    path = f"/ajustes/canales/{line.pk}/tarifas/"
    shown = Browser(user("administrator"), at=NOW).get("/envios/salud/costos/").content.decode()
    assert f"{path}?categoria=utility&amp;pais=PE&amp;desde=2026-03-01" in shown
    shown = Browser(user("supervisor", portfolio()), at=NOW).get("/envios/salud/costos/")
    assert path not in shown.content.decode()
    assert "Sin tarifa" in shown.content.decode()


def test_the_page_shows_the_month_that_is_asked_for(line: ChannelAccount) -> None:
    priced(line, "0.02")
    delivered(line)
    march()
    browser = Browser(user("administrator"), at=NOW)
    assert "US$" in browser.get("/envios/salud/costos/", mes="2026-03-15").content.decode()
    for month in ("2026-02-01", "nada"):
        page = browser.get("/envios/salud/costos/", mes=month)
        assert bool(page.context["rows"]) == (month == "nada")
