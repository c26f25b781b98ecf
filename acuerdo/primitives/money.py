"""An amount and its currency travel together; amounts of two currencies never add up."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# ISO 4217 minor units of the currencies in use; every other currency has two.
WHOLE_UNIT_CURRENCIES = frozenset({"CLP", "PYG"})
CURRENCIES = (
    "ARS", "BOB", "BRL", "CLP", "COP", "CRC", "DOP", "EUR", "GTQ", "HNL",
    "MXN", "NIO", "PEN", "PYG", "USD", "UYU", "VES",
)  # fmt: skip

COUNTRY_CURRENCY = {
    "AR": "ARS", "BO": "BOB", "BR": "BRL", "CL": "CLP", "CO": "COP", "CR": "CRC",
    "DO": "DOP", "EC": "USD", "ES": "EUR", "GT": "GTQ", "MX": "MXN", "PA": "USD",
    "PE": "PEN", "PY": "PYG", "SV": "USD", "US": "USD", "UY": "UYU",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError("money is a Decimal, never a float")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.amount


def rounded(amount: Decimal, currency: str) -> Decimal:
    """``amount`` at the currency's minor unit, half away from zero."""
    unit = Decimal(1) if currency in WHOLE_UNIT_CURRENCIES else Decimal("0.01")
    return amount.quantize(unit, rounding=ROUND_HALF_UP)
