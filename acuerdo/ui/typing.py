"""Form fields for what people really type: amounts with commas, days from a calendar."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from acuerdo.ui.formatting import has_cents, signs

# Places of an amount; the price of one message has more.
CENTS = 2
FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(8999, 12, 31)
_NOISE = re.compile(r"S/|US\$|R\$|\$|₲|Bs")
_GROUPED = re.compile(r"-?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")


class AmountField(forms.DecimalField):
    """Takes 1245.90, 1,245.90, 1.245,90 and 1245,90; asks where it cannot know.

    With ``currency`` it takes that one's signs only, and knows whether there are cents at all.
    """

    currency = ""

    def __init__(self, *, is_signed: bool = False, places: int = 2, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Monto"))
        kwargs.setdefault(
            "widget", forms.TextInput({"inputmode": "decimal", "class": "input-money"})
        )
        if not is_signed and "min_value" not in kwargs:
            positive = MinValueValidator(Decimal("0.01"), _("El monto debe ser mayor que cero."))
            kwargs.setdefault("validators", [positive])
        super().__init__(max_digits=18, decimal_places=places, **kwargs)

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]
        if not isinstance(value, str):
            return super().to_python(value)
        is_fine = (self.decimal_places or 0) > CENTS
        return super().to_python(plain(value, self.currency, is_fine=is_fine))


def in_currency(form: forms.BaseForm, currency: str) -> None:
    """Every amount of ``form`` is read as one of ``currency``."""
    for field in form.fields.values():
        if isinstance(field, AmountField):
            field.currency = currency


def offer(form: forms.BaseForm, **choices: Iterable[tuple[Any, Any]]) -> None:
    """Set what each choice of ``form`` that is named here offers."""
    for name, offered in choices.items():
        cast(forms.ChoiceField, form.fields[name]).choices = offered


def plain(typed: str, currency: str = "", *, is_fine: bool = False) -> str:
    """``typed`` with a point before the decimals and nothing else between digits.

    Of what is counted in fractions of a cent (``is_fine``) a single mark begins the decimals.
    """
    text = _without_signs(typed, currency)
    if "," in text and "." in text:
        mark = max(text.rfind(","), text.rfind("."))
        head, tail = text[:mark], text[mark + 1 :]
        return head.replace(",", "").replace(".", "") + "." + tail
    if _GROUPED.fullmatch(text):
        return text.replace(",", "").replace(".", "")
    # No group of thousands begins with a zero: 0,068 is a price.
    if re.fullmatch(r"-?[1-9]\d{0,2}[.,]\d{3}", text):
        if currency and not has_cents(currency):
            return text.replace(",", "").replace(".", "")
        if is_fine:
            return text.replace(",", ".")
        raise ValidationError(
            _("«%(typed)s» puede leerse de dos formas: escríbalo sin separador de miles."),
            params={"typed": typed},
        )
    return text.replace(",", ".")


def _without_signs(typed: str, currency: str) -> str:
    text = re.sub(r"\s", "", typed).replace("−", "-")
    if not currency:
        return _NOISE.sub("", text)
    found = "|".join(re.escape(sign) for sign in sorted(signs(currency), key=len, reverse=True))
    return re.sub(f"^(-?)(?:{found})|(?:{found})$", r"\1", text, flags=re.IGNORECASE)


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day that leaves room to count from it, and to be a moment in any zone."""
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
