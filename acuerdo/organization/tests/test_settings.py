from datetime import date, datetime
from typing import Any

import pytest

from acuerdo.events.models import Event
from acuerdo.organization import holidays, membership, portfolios, settings
from acuerdo.organization.models import Holiday, Organization, Portfolio, User


def test_a_change_of_rules_is_recorded_with_both_values(
    organization: Organization, administrator: User, now: datetime
) -> None:
    settings.update(promise_grace_days=2, name=organization.name, by=administrator, at=now)
    event = Event.objects.get(type="settings.updated")
    assert event.data["was"] == {"promise_grace_days": 0}
    assert event.data["now"] == {"promise_grace_days": 2}
    assert event.actor_id == administrator.pk


def test_saving_the_same_rules_records_nothing(organization: Organization, now: datetime) -> None:
    settings.update(name=organization.name, by=None, at=now)
    assert not Event.objects.exists()


def test_pausing_and_releasing_sending_is_recorded(
    organization: Organization, administrator: User, now: datetime
) -> None:
    settings.pause_sending("Copia restaurada", at=now)
    settings.release_sending(by=administrator, at=now)
    kinds = list(Event.objects.order_by("id").values_list("type", "actor_id"))
    assert kinds == [("sending.paused", None), ("sending.released", administrator.pk)]


def test_holidays_record_who_added_and_removed_them(administrator: User, now: datetime) -> None:
    row = holidays.add(country="PE", on=date(2026, 7, 1), name="Paro", by=administrator, at=now)
    holidays.remove(row, by=administrator, at=now)
    assert not Holiday.objects.exists()
    told = Event.objects.order_by("id").values_list("type", "actor_id")
    kinds = ["holiday.added", "holiday.removed"]
    assert list(told) == [(kind, administrator.pk) for kind in kinds]


@pytest.mark.parametrize("is_active", [True, False])
def test_editing_somebody_keeps_the_portfolios_that_are_switched_off(
    adviser: User, administrator: User, book: Portfolio, now: datetime, *, is_active: bool
) -> None:
    who: dict[str, Any] = {"by": administrator, "at": now}
    kept: dict[str, Any] = {"name": book.name, "creditor": book.creditor, "kind": book.kind}
    portfolios.update(book, **kept, is_active=is_active, **who)
    membership.update(
        adviser, name="Alba", role=adviser.role, team=None, external_id="", portfolios=[], **who
    )
    assert adviser.grants.exists() is not is_active
