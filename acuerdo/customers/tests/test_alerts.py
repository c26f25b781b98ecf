from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from acuerdo.customers import alerts
from acuerdo.customers.models import Alert, Customer
from acuerdo.customers.tests.factories import NOW
from acuerdo.events.models import Event
from acuerdo.organization.models import User


def test_an_alert_is_raised_and_cleared(overdue: Customer, adviser: User) -> None:
    alert = alerts.raise_alert(overdue, "refuses", note="Se molestó", by=adviser, at=NOW)
    alerts.clear(alert, by=adviser, at=NOW + timedelta(hours=1))
    assert (alert.raised_by, alert.cleared_by, alert.note) == (adviser, adviser, "Se molestó")
    types = list(Event.objects.filter(subject_id=alert.pk, type__startswith="alert."))
    assert [event.type for event in types] == ["alert.raised", "alert.cleared"]
    assert types[0].data["kind"] == "refuses"


def test_one_open_alert_of_a_kind_takes_the_new_note(overdue: Customer) -> None:
    alerts.raise_alert(overdue, "cannot", note="Sin trabajo", by=None, at=NOW)
    later = NOW + timedelta(days=1)
    alert = alerts.raise_alert(overdue, "cannot", note="Enfermo", by=None, at=later)
    assert Alert.objects.filter(customer=overdue).count() == 1
    assert (alert.note, alert.raised_at) == ("Enfermo", later)


def test_a_cleared_alert_may_be_raised_again(overdue: Customer) -> None:
    first = alerts.raise_alert(overdue, "refuses", by=None, at=NOW)
    alerts.clear(first, by=None, at=NOW)
    second = alerts.raise_alert(overdue, "refuses", by=None, at=NOW)
    assert first.pk != second.pk
    assert Alert.objects.get(cleared_at=None) == second


def test_clearing_twice_changes_and_tells_nothing(overdue: Customer) -> None:
    alert = alerts.raise_alert(overdue, "refuses", by=None, at=NOW)
    alerts.clear(alert, by=None, at=NOW)
    alerts.clear(alert, by=None, at=NOW + timedelta(days=1))
    assert alert.cleared_at == NOW
    assert Event.objects.filter(type="alert.cleared").count() == 1


def test_many_are_raised_by_a_fixed_number_of_statements(
    overdue: Customer, up_to_date: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(8):
        alerts.raise_many([overdue, up_to_date], "promise_broken", at=NOW)
    assert Alert.objects.filter(kind="promise_broken").count() == 2
