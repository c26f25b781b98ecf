import pytest

from acuerdo.customers import assignment
from acuerdo.customers.models import Customer, Standing
from acuerdo.customers.tests.factories import NOW
from acuerdo.events.models import Event
from acuerdo.organization import users
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal


def test_the_customer_and_its_standing_change_hands(
    overdue: Customer, adviser: User, other_adviser: User, supervisor: User
) -> None:
    assignment.assign(overdue, other_adviser, by=supervisor, at=NOW)
    assert Customer.objects.get(pk=overdue.pk).adviser == other_adviser
    assert Standing.objects.get(pk=overdue.pk).adviser_id == other_adviser.pk
    event = Event.objects.get(type="customer.assigned")
    assert (event.data["adviser_id"], event.data["before"]) == (other_adviser.pk, adviser.pk)


def test_nobody_may_be_assigned(overdue: Customer, supervisor: User) -> None:
    assignment.assign(overdue, None, by=supervisor, at=NOW)
    assert Standing.objects.get(pk=overdue.pk).adviser_id is None


def test_an_adviser_without_the_portfolio_is_refused(overdue: Customer, stranger: User) -> None:
    with pytest.raises(Refusal, match="adviser_out_of_portfolio"):
        assignment.assign(overdue, stranger, by=None, at=NOW)


def test_somebody_who_left_is_refused(overdue: Customer, other_adviser: User) -> None:
    users.deactivate(other_adviser, by=None, at=NOW)
    with pytest.raises(Refusal):
        assignment.assign(overdue, other_adviser, by=None, at=NOW)
