from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from acuerdo.organization import access, teams, users
from acuerdo.organization.models import Organization, Portfolio, Role, User
from acuerdo.organization.permissions import PERMISSIONS, may
from acuerdo.organization.tests.cast import NOW, TODAY


def reaches(user: User, portfolio: Portfolio, adviser: User | None = None) -> bool:
    found = access.scope(user, on=TODAY)
    return found.allows(portfolio_id=portfolio.pk, adviser_id=adviser.pk if adviser else None)


def test_an_administrator_reaches_everything(
    administrator: User, other_book: Portfolio, adviser: User
) -> None:
    assert reaches(administrator, other_book)
    assert reaches(administrator, other_book, adviser)


@pytest.mark.parametrize("role", ["supervisor", "auditor"])
def test_those_who_watch_reach_their_portfolios_whoever_works_them(
    request: pytest.FixtureRequest, role: str, book: Portfolio, other_book: Portfolio, adviser: User
) -> None:
    user = request.getfixturevalue(role)
    assert reaches(user, book, adviser)
    assert reaches(user, book)
    assert not reaches(user, other_book)


def test_an_adviser_reaches_its_own_and_the_unassigned(
    adviser: User, other_adviser: User, book: Portfolio, other_book: Portfolio
) -> None:
    assert reaches(adviser, book, adviser)
    assert reaches(adviser, book)
    assert not reaches(adviser, book, other_adviser)
    assert not reaches(adviser, other_book, adviser)


def test_the_unassigned_can_be_hidden(
    organization: Organization, adviser: User, book: Portfolio
) -> None:
    organization.advisers_see_unassigned = False
    organization.save()
    assert not reaches(adviser, book)


def test_a_team_sees_each_other_when_the_organisation_says_so(
    organization: Organization, adviser: User, other_adviser: User, book: Portfolio
) -> None:
    team = teams.create("Norte", by=None, at=NOW)
    for user in (adviser, other_adviser):
        users.update(user, team=team, by=None, at=NOW)
    assert not reaches(adviser, book, other_adviser)
    organization.advisers_see_team = True
    organization.save()
    assert reaches(adviser, book, other_adviser)


@pytest.mark.parametrize(
    ("starts", "ends", "inside"),
    [(0, None, True), (0, 0, True), (1, None, False), (-5, -1, False), (-5, 5, True)],
)
def test_a_grant_counts_from_its_first_day_to_its_last(
    stranger: User, book: Portfolio, starts: int, ends: int | None, inside: bool
) -> None:
    users.grant(
        stranger,
        book,
        starts_on=TODAY + timedelta(days=starts),
        ends_on=None if ends is None else TODAY + timedelta(days=ends),
        by=None,
        at=NOW,
    )
    assert reaches(stranger, book) is inside


def test_a_stranger_reaches_nothing(stranger: User, book: Portfolio) -> None:
    assert not reaches(stranger, book)
    assert not reaches(stranger, book, stranger)


def test_the_condition_and_the_question_agree(adviser: User, book: Portfolio) -> None:
    found = access.scope(adviser, on=TODAY)
    assert found.portfolios == {book.pk}
    assert "customer__portfolio_id__in" in str(found.condition("customer__"))


@access.requires("users.edit")
def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("dentro")


@pytest.mark.parametrize("role", Role.values)
def test_a_view_opens_to_those_who_hold_its_permission(
    request: pytest.FixtureRequest, role: str
) -> None:
    page = RequestFactory().get("/")
    page.user = request.getfixturevalue(role)
    if role == Role.ADMINISTRATOR:
        assert guarded(page).content == b"dentro"
    else:
        with pytest.raises(PermissionDenied):
            guarded(page)


def test_who_has_not_signed_in_is_sent_to_do_so() -> None:
    page = RequestFactory().get("/algo")
    page.user = AnonymousUser()
    assert guarded(page).status_code == 302


def test_an_auditor_changes_nothing() -> None:
    reading = {"view"}
    assert {name.split(".")[1] for name in PERMISSIONS[Role.AUDITOR]} <= reading


def test_somebody_deactivated_may_do_nothing(supervisor: User) -> None:
    assert may(supervisor, "customers.view")
    users.deactivate(supervisor, by=None, at=NOW)
    assert not may(supervisor, "customers.view")
