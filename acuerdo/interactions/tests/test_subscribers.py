from datetime import timedelta

import pytest

from acuerdo.customers import alerts, pauses
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import NOW, customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.interactions.subscribers import SUBSCRIPTIONS
from acuerdo.organization.models import Portfolio, User


@pytest.fixture
def person(book: Portfolio, adviser: User) -> Customer:
    return customer(book, adviser=adviser)


def dispatch(times: int = 1) -> list[tuple[str, str]]:
    """Feed every event so often, as a dispatcher that was cut short would."""
    for event in list(Event.objects.order_by("pk")) * times:
        if event.type in SUBSCRIPTIONS:
            SUBSCRIPTIONS[event.type](event)
    return list(Interaction.objects.order_by("pk").values_list("fact", "summary"))


def test_a_pause_and_its_end_are_one_row_each(person: Customer, adviser: User) -> None:
    until = NOW.date() + timedelta(days=7)
    pause = pauses.pause(person, until=until, note="De viaje", by=adviser, at=NOW)
    pauses.resume(pause, by=adviser, at=NOW + timedelta(days=1))
    rows = [("pause", "Hasta el 17/06/2026. De viaje"), ("resume", "")]
    assert dispatch(times=2) == rows
    first = Interaction.objects.earliest("pk")
    assert (first.at, first.by, first.status, first.kind) == (NOW, adviser, "generated", "fact")


def test_an_alert_and_its_end_are_on_the_timeline(person: Customer) -> None:
    alert = alerts.raise_alert(person, "refuses", note="Se molestó", by=None, at=NOW)
    alerts.clear(alert, by=None, at=NOW + timedelta(hours=1))
    assert dispatch(times=2) == [
        ("alert", "No quiere pagar. Se molestó"),
        ("alert_cleared", "No quiere pagar. Se molestó"),
    ]


def test_the_same_alert_raised_another_day_is_another_row(person: Customer) -> None:
    for day in range(2):
        alerts.raise_alert(person, "cannot", by=None, at=NOW + timedelta(days=day))
    assert [fact for fact, _summary in dispatch(times=2)] == ["alert", "alert"]


def test_a_broken_promise_is_told_by_the_ledger_alone(person: Customer) -> None:
    alerts.raise_alert(person, "promise_broken", by=None, at=NOW)
    assert dispatch() == []


def test_a_customer_erased_since_is_passed_over(person: Customer) -> None:
    alerts.raise_alert(person, "refuses", by=None, at=NOW)
    person.delete()
    assert dispatch() == []
