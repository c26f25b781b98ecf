from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from acuerdo.ui.formatting import money
from acuerdo.ui.typing import AmountField, plain


def read(typed: str, currency: str) -> Decimal | None:
    field = AmountField()
    field.currency = currency
    amount: Decimal | None = field.clean(typed)
    return amount


@pytest.mark.parametrize(
    "currency", ["CLP", "PYG", "COP", "PEN", "MXN", "BRL", "USD", "UYU", "EUR"]
)
@pytest.mark.parametrize("amount", ["5", "100", "100000", "441038", "12345678"])
def test_an_amount_is_read_as_it_is_shown(currency: str, amount: str) -> None:
    for iso in (False, True):
        assert read(str(money(Decimal(amount), currency, iso=iso)), currency) == Decimal(amount)


@pytest.mark.parametrize(
    "typed",
    ["100.000", "$ 100.000", "$100.000", "CLP 100.000", "100.000 clp", "100000 $", "100,000"],
)
def test_a_currency_without_cents_reads_one_way_only(typed: str) -> None:
    assert read(typed, "CLP") == 100000


def test_an_amount_of_two_readings_is_asked_about() -> None:
    for currency in ("PEN", "USD", ""):
        with pytest.raises(ValidationError, match="dos formas"):
            plain("100.000", currency)


@pytest.mark.parametrize(
    ("typed", "currency"), [("US$ 100", "PEN"), ("USD 5", "CLP"), ("R$ 5", "PYG")]
)
def test_the_sign_of_another_currency_is_no_amount(typed: str, currency: str) -> None:
    with pytest.raises(ValidationError):
        read(typed, currency)


@pytest.mark.parametrize("typed", ["0", "-5"])
def test_nothing_and_less_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValidationError, match="El monto debe ser mayor que cero"):
        read(typed, "PEN")
