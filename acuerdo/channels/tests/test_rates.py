"""Prices by the day from which they hold."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from acuerdo.channels import rates
from acuerdo.channels.models import ChannelAccount, Rate
from acuerdo.channels.rates import Book
from acuerdo.channels.tests.factories import NOW, account
from acuerdo.events.models import Event
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db

TODAY, LATER, BEFORE = date(2026, 3, 10), date(2026, 3, 20), date(2026, 3, 1)


@pytest.fixture
def line() -> ChannelAccount:
    return account()


def add(line: ChannelAccount, on: date = TODAY, **changes: object) -> Rate:
    what: dict[str, object] = {
        "at": NOW,
        "category": "utility",
        "amount": Decimal("0.02"),
        "currency": "USD",
    }
    return rates.add(line, valid_from=on, by=None, **(what | changes))  # type: ignore[arg-type]


def code_of(line: ChannelAccount, on: date = TODAY, **changes: object) -> str:
    with pytest.raises(Refusal) as refusal:
        add(line, on, **changes)
    return refusal.value.code


def price(line: ChannelAccount, country: str, on: date) -> Decimal | None:
    found = Book([line.pk]).price(line.pk, "utility", country, on=on)
    return found.amount if found else None


def test_the_latest_price_whose_day_has_come_holds(line: ChannelAccount) -> None:
    add(line)
    add(line, LATER, amount=Decimal("0.03"))
    days = (date(2026, 3, 9), TODAY, date(2026, 3, 19), LATER)
    found = [price(line, "PE", day) for day in days]
    assert found == [None, Decimal("0.02"), Decimal("0.02"), Decimal("0.03")]


def test_a_country_goes_before_any_other(line: ChannelAccount) -> None:
    add(line)
    add(line, country="co", amount=Decimal("0.0008"))
    assert price(line, "CO", TODAY) == Decimal("0.0008")
    assert price(line, "PE", TODAY) == Decimal("0.02")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal("-0.01")}, "bad_amount"),
        ({"amount": Decimal("NaN")}, "bad_amount"),
        ({"amount": Decimal(10**6)}, "bad_amount"),
        ({"amount": Decimal("0.0000001")}, "bad_amount"),
        ({"country": "ZZ"}, "unknown_country"),
        ({"currency": "XXX"}, "unknown_currency"),
        ({"category": "segment"}, "unknown_category"),
    ],
)
def test_what_makes_no_price_is_refused(
    line: ChannelAccount, changes: dict[str, Any], code: str
) -> None:
    assert code_of(line, **changes) == code
    assert not Rate.objects.exists()


def test_a_second_price_of_one_day_is_refused(line: ChannelAccount) -> None:
    add(line)
    assert code_of(line) == "rate_exists"


def test_a_past_day_is_taken_only_while_it_has_no_price(line: ChannelAccount) -> None:
    add(line, BEFORE)
    assert code_of(line, date(2026, 3, 5)) == "already_priced"
    assert code_of(line, BEFORE, country="PE") == "already_priced"
    add(line, date(2026, 2, 1))
    add(line, TODAY, country="PE")


def test_only_a_price_of_the_future_is_withdrawn(line: ChannelAccount) -> None:
    current, future = add(line, at=NOW - timedelta(days=1)), add(line, LATER)
    with pytest.raises(Refusal) as refusal:
        rates.withdraw(current, by=None, at=NOW)
    assert refusal.value.code == "rate_in_force"
    rates.withdraw(future, by=None, at=NOW)
    assert list(Rate.objects.all()) == [current]
    changes = Event.objects.filter(type="channel.changed").order_by("id")
    assert [row.data["change"] for row in changes] == ["rate_added", "rate_added", "rate_withdrawn"]


def test_a_slip_is_withdrawn_on_the_day_of_its_entry(line: ChannelAccount) -> None:
    slip = add(line, BEFORE)
    with pytest.raises(Refusal):
        rates.withdraw(slip, by=None, at=NOW + timedelta(days=1))
    rates.withdraw(slip, by=None, at=NOW)
    assert not Rate.objects.exists()


def page(who: User, path: str, **form: str) -> Any:
    client = Client()
    client.force_login(who)
    with clock.travel(NOW):
        return client.post(path, form) if form else client.get(path)


def test_a_price_typed_on_the_page_is_kept(line: ChannelAccount, administrator: User) -> None:
    path = f"/ajustes/canales/{line.pk}/tarifas/"
    asked = page(administrator, f"{path}?categoria=utility&pais=PE&desde=2026-03-01")
    assert asked.context["form"]["country"].value() == "PE"
    form = {"category": "utility", "country": "PE", "currency": "USD", "valid_from": "2026-03-01"}
    assert page(administrator, path, amount="1.068", **form).status_code == 302
    assert Rate.objects.get().amount == Decimal("1.068")
    again = page(administrator, path, amount="-1", **form)
    assert (again.status_code, "amount" in again.context["form"].errors) == (422, True)
    again = page(administrator, path, amount="0,07", **form)
    assert "Ya hay una tarifa igual" in again.content.decode()


def test_a_price_of_the_future_is_withdrawn_on_the_page(
    line: ChannelAccount, administrator: User
) -> None:
    row = add(line, LATER)
    path = f"/ajustes/canales/{line.pk}/tarifas/{row.pk}/retiro/"
    page(administrator, path, sure="1")
    assert not Rate.objects.exists()
