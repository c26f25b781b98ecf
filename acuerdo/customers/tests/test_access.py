from datetime import date

import pytest
from django.http import Http404

from acuerdo.customers import access, assignment
from acuerdo.customers.forms import portfolios_of
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import NOW, customer
from acuerdo.organization.models import Organization, Portfolio, User


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("administrator", {"overdue", "up_to_date", "elsewhere"}),
        ("supervisor", {"overdue", "up_to_date"}),
        ("auditor", {"overdue", "up_to_date"}),
        ("adviser", {"overdue", "up_to_date"}),
        ("other_adviser", {"up_to_date"}),
        ("stranger", set()),
    ],
)
def test_each_role_sees_its_own_part(
    request: pytest.FixtureRequest,
    overdue: Customer,
    up_to_date: Customer,
    other_book: Portfolio,
    role: str,
    seen: set[str],
) -> None:
    rows = {overdue: "overdue", up_to_date: "up_to_date", customer(other_book): "elsewhere"}
    user = request.getfixturevalue(role)
    assert {rows[row] for row in access.customers_for(user)} == seen


def test_the_unassigned_can_be_hidden_from_advisers(
    organization: Organization, up_to_date: Customer, adviser: User, supervisor: User
) -> None:
    organization.advisers_see_unassigned = False
    organization.save()
    assert up_to_date not in access.customers_for(adviser)
    assert up_to_date in access.customers_for(supervisor)


def test_a_customer_out_of_reach_is_not_found(overdue: Customer, other_adviser: User) -> None:
    with pytest.raises(Http404):
        access.customer(other_adviser, overdue.pk)
    assignment.assign(overdue, other_adviser, by=None, at=NOW)
    assert access.customer(other_adviser, overdue.pk) == overdue


def test_a_customer_that_does_not_exist_is_not_found(administrator: User) -> None:
    with pytest.raises(Http404):
        access.customer(administrator, 1)


def test_portfolio_of_a_grant_that_ended_is_offered_no_more(
    book: Portfolio, supervisor: User
) -> None:
    assert list(portfolios_of(supervisor)) == [book]
    supervisor.grants.update(ends_on=date(2020, 1, 1))
    assert list(portfolios_of(supervisor)) == []
