from decimal import Decimal

import pytest

from acuerdo.primitives.money import Money, rounded


def test_amounts_of_one_currency_add_and_compare() -> None:
    five, three = Money(Decimal(5), "PEN"), Money(Decimal(3), "PEN")
    assert five + three == Money(Decimal(8), "PEN")
    assert five - three == Money(Decimal(2), "PEN")
    assert three < five
    assert three <= Money(Decimal(3), "PEN")


def test_two_currencies_never_mix() -> None:
    with pytest.raises(ValueError, match="PEN and USD"):
        Money(Decimal(5), "PEN") + Money(Decimal(3), "USD")


def test_a_float_is_no_money() -> None:
    with pytest.raises(TypeError):
        Money(0.1, "PEN")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("amount", "currency", "result"),
    [("1.005", "PEN", "1.01"), ("1234.5", "CLP", "1235"), ("-1.005", "USD", "-1.01")],
)
def test_halves_round_away_from_zero_at_the_minor_unit(
    amount: str, currency: str, result: str
) -> None:
    assert rounded(Decimal(amount), currency) == Decimal(result)
