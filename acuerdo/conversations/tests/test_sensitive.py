import pytest

from acuerdo.conversations.sending import outbox, sensitive
from acuerdo.conversations.tests.factories import NOW, customer
from acuerdo.customers.models import Customer
from acuerdo.primitives.refusals import Refusal


@pytest.mark.parametrize(
    "text", ["4111111111111111", "Su tarjeta 4111 1111 1111 1111 venció", "4111-1111-1111-1111."]
)
def test_whole_card_is_seen(text: str) -> None:
    assert sensitive.fault(text, Customer()) == "card_number"


@pytest.mark.parametrize(
    "text",
    [
        "Su tarjeta ••1111 venció",
        "Orden 4111111111111112",
        "Cuenta 0000000000000000",
        "Llame al +51 987 654 321",
        "Debe S/ 1,245.90 desde el 2026-03-10",
    ],
)
def test_other_numbers_may_leave(text: str) -> None:
    assert not sensitive.fault(text, Customer(document_type="DNI", document_number="45678901"))


def test_document_is_seen_however_it_is_written() -> None:
    person = Customer(document_type="RUT", document_number="12345678-5")
    for text in ("RUT 12.345.678-5", "123456785", "(12345678-5)"):
        assert sensitive.fault(text, person) == "document_number"
    assert not sensitive.fault("Orden 12345678-50", person)
    person.document_type = "CODIGO"
    assert not sensitive.fault("12345678-5", person)


@pytest.mark.django_db
def test_message_that_shows_the_document_is_not_queued() -> None:
    owner = customer()
    body = f"Hola, su DNI {owner.document_number} tiene una deuda."
    with pytest.raises(Refusal) as refusal:
        outbox.queue_message(owner, channel="email", body=body, origin="manual", at=NOW)
    assert refusal.value.code == "document_number"
