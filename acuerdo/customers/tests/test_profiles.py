from typing import Any

import pytest

from acuerdo.customers import profiles
from acuerdo.customers.models import Customer, Standing
from acuerdo.customers.tests.factories import NOW, customer
from acuerdo.events.models import Event
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives.refusals import Refusal


@pytest.mark.parametrize(
    ("first", "last", "key"),
    [
        ("José  Ángel", "Núñez", "jose angel nunez"),
        (" ÉLODIE ", "", "elodie"),
        ("Straße", "ü", "straße u"),
    ],
)
def test_names_sort_without_accents_and_case(first: str, last: str, key: str) -> None:
    assert profiles.sort_key(first, last) == key


def test_a_new_customer_has_a_standing_and_an_event(book: Portfolio, adviser: User) -> None:
    row = customer(book, adviser=adviser, document_type="dni", document_number="0123 4567")
    standing = Standing.objects.get(customer=row)
    assert (standing.portfolio_id, standing.adviser_id) == (book.pk, adviser.pk)
    assert (standing.open_amount, standing.oldest_due_on) == (0, None)
    assert (row.document_type, row.document_key) == ("DNI", "01234567")
    event = Event.objects.get(type="customer.created")
    assert event.customer_id == row.pk
    assert event.data == {"portfolio_id": book.pk, "adviser_id": adviser.pk}


def test_another_spelling_of_a_document_is_the_same_customer(book: Portfolio) -> None:
    customer(book, document_type="RUT", document_number="12.531.909-2", country="CL")
    with pytest.raises(Refusal) as refused:
        customer(book, document_type="rut", document_number="125319092", country="cl")
    assert refused.value.code == "document_taken"
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_name": "  "}, "first_name"),
        ({"first_name": "x" * 121}, "first_name"),
        ({"country": "Perú"}, "country"),
        ({"time_zone": "America/Macondo"}, "time_zone"),
        ({"document_type": "DNI", "document_number": "123"}, "document_number"),
    ],
)
def test_a_wrong_field_is_named(book: Portfolio, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        customer(book, **wrong)
    assert refused.value.field == field
    assert not Customer.objects.exists()


def test_an_update_moves_the_copies_along(
    overdue: Customer, other_book: Portfolio, administrator: User
) -> None:
    profiles.update(overdue, portfolio=other_book, first_name="Ángela", by=administrator, at=NOW)
    standing = Standing.objects.get(customer=overdue)
    assert standing.portfolio_id == other_book.pk
    assert Customer.objects.get(pk=overdue.pk).sort_key == "angela vencida"
    event = Event.objects.get(type="customer.updated")
    assert event.data["fields"] == ["first_name", "portfolio"]


def test_the_adviser_does_not_change_by_update(overdue: Customer) -> None:
    with pytest.raises(TypeError):
        profiles.update(overdue, adviser=None, by=None, at=NOW)


def test_a_name_of_signs_only_is_refused(book: Portfolio) -> None:
    with pytest.raises(Refusal):
        customer(book, first_name="\u0301")
