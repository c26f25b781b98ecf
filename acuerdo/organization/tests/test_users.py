from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from acuerdo.events.models import Event
from acuerdo.organization import users
from acuerdo.organization.models import Organization, Portfolio, Role, User
from acuerdo.organization.tests.cast import NOW
from acuerdo.organization.tests.factories import PASSWORD, user
from acuerdo.primitives.refusals import Refusal


def create(**fields: Any) -> User:
    values = {"email": "nueva@acuerdo.test", "name": "Nueva", "role": "adviser", **fields}
    return users.create(**values, by=None, at=NOW)


@pytest.mark.usefixtures("organization")
def test_a_new_user_signs_in_with_its_password(client: Client) -> None:
    created = create(email=" Nueva@Acuerdo.test ", password=PASSWORD, external_id="A7")
    assert (created.email, created.external_id) == ("nueva@acuerdo.test", "A7")
    assert client.login(email="NUEVA@acuerdo.test", password=PASSWORD)
    assert Event.objects.get(type="user.created").subject_id == created.pk


@pytest.mark.usefixtures("organization")
def test_without_a_password_nobody_signs_in(client: Client) -> None:
    assert not create().has_usable_password()
    assert not client.login(email="nueva@acuerdo.test", password="")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "nueva"}, "email"),
        ({"email": "TAKEN@acuerdo.test"}, "email"),
        ({"name": "  "}, "name"),
        ({"role": "chief"}, "role"),
        ({"password": "corta"}, "password"),
        ({"external_id": "A1"}, "external_id"),
    ],
)
@pytest.mark.usefixtures("organization")
def test_a_wrong_field_is_named(fields: dict[str, Any], field: str) -> None:
    create(email="taken@acuerdo.test", external_id="A1")
    with pytest.raises(Refusal) as refused:
        create(**fields)
    assert refused.value.field == field
    assert User.objects.count() == 1


def test_changes_are_kept_and_told(adviser: User, administrator: User) -> None:
    users.update(adviser, name="Alba  Nueva", external_id="", by=administrator, at=NOW)
    adviser.refresh_from_db()
    assert (adviser.name, adviser.external_id) == ("Alba Nueva", None)
    assert Event.objects.get(type="user.updated").actor == administrator


@pytest.mark.parametrize("field", ["role", "is_active", "password"])
def test_what_has_an_operation_of_its_own_is_not_updated(adviser: User, field: str) -> None:
    with pytest.raises(TypeError):
        users.update(adviser, by=None, at=NOW, **{field: "x"})


def test_deactivating_ends_the_sessions_at_once(
    client: Client, adviser: User, supervisor: User
) -> None:
    others = Client()
    client.force_login(adviser)
    others.force_login(supervisor)
    users.deactivate(adviser, by=None, at=NOW)
    assert Session.objects.count() == 1
    users.reactivate(adviser, by=None, at=NOW)
    assert Session.objects.get().get_decoded()["_auth_user_id"] == str(supervisor.pk)


def test_a_new_password_signs_the_old_browsers_out(client: Client, adviser: User) -> None:
    client.force_login(adviser)
    users.set_password(adviser, "Otra-clave-larga-77", by=None, at=NOW)
    assert not Session.objects.exists()
    assert client.login(email=adviser.email, password="Otra-clave-larga-77")


def test_the_last_administrator_stays(administrator: User) -> None:
    with pytest.raises(Refusal, match="last_administrator"):
        users.deactivate(administrator, by=administrator, at=NOW)
    with pytest.raises(Refusal, match="last_administrator"):
        users.change_role(administrator, Role.ADVISER, by=administrator, at=NOW)
    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active) == (Role.ADMINISTRATOR, True)


def test_one_of_two_administrators_may_go(administrator: User) -> None:
    second = user(Role.ADMINISTRATOR)
    users.deactivate(administrator, by=second, at=NOW)
    with pytest.raises(Refusal, match="last_administrator"):
        users.change_role(second, Role.SUPERVISOR, by=second, at=NOW)


def test_a_role_changes_what_one_may_do(supervisor: User, administrator: User) -> None:
    users.change_role(supervisor, Role.AUDITOR, by=administrator, at=NOW)
    assert User.objects.get(pk=supervisor.pk).role == Role.AUDITOR
    assert Event.objects.get(type="user.updated").data["role"] == Role.AUDITOR


def test_granting_again_takes_the_new_days(stranger: User, book: Portfolio) -> None:
    users.grant(stranger, book, by=None, at=NOW)
    users.grant(stranger, book, ends_on=date(2026, 12, 31), by=None, at=NOW)
    assert stranger.grants.get().ends_on == date(2026, 12, 31)
    users.revoke(stranger, book, by=None, at=NOW)
    assert not stranger.grants.exists()


def test_a_grant_that_ends_before_it_starts_is_refused(stranger: User, book: Portfolio) -> None:
    days = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}
    with pytest.raises(Refusal, match="grant_ends_early"):
        users.grant(stranger, book, **days, by=None, at=NOW)


def test_a_file_code_may_be_empty_for_many(organization: Organization) -> None:
    create()
    create(email="otra@acuerdo.test")
    assert User.objects.filter(external_id=None).count() == 2
