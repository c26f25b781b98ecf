"""What counts as an amount of money somebody may register."""

from decimal import Decimal

from django.utils.translation import gettext as _

from acuerdo.primitives.money import CURRENCIES, Money, rounded
from acuerdo.primitives.refusals import Refusal

# The columns hold 16 digits before the decimal point: ten debts of this size still add up.
LARGEST = Decimal(10) ** 15


def check_positive(money: Money, *, field: str = "amount") -> Money:
    """``money`` itself when it is above zero and fits; else a Refusal naming ``field``."""
    check(money, field=field)
    if money.amount <= 0:
        raise Refusal("amount_not_positive", _("El monto debe ser mayor que cero."), field=field)
    return money


def check(money: Money, *, field: str = "amount") -> Money:
    """``money`` itself when its currency is known and it has no digits past its minor unit."""
    if money.currency not in CURRENCIES:
        sentence = _("«%s» no es una moneda que se pueda usar. Use su código, por ejemplo PEN.")
        raise Refusal("bad_currency", sentence % money.currency, field="currency")
    if not money.amount.is_finite() or abs(money.amount) >= LARGEST:
        raise Refusal("amount_too_large", _("El monto es demasiado grande."), field=field)
    if rounded(money.amount, money.currency) != money.amount:
        sentence = _("El monto %(amount)s tiene más decimales que los de %(currency)s.")
        words = {"amount": money.amount, "currency": money.currency}
        raise Refusal("too_many_decimals", sentence % words, field=field)
    return money
