"""Form fields for what people really type: amounts with commas, days from a calendar."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(8999, 12, 31)
_NOISE = re.compile(r"[\s\u00a0]|S/|US\$|R\$|\$|₲|Bs")
_GROUPED = re.compile(r"-?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+")


class AmountField(forms.DecimalField):
    """Takes 1245.90, 1,245.90, 1.245,90 and 1245,90; asks where it cannot know."""

    def __init__(self, *, is_signed: bool = False, places: int = 2, **kwargs: object) -> None:
        kwargs.setdefault("label", _("Monto"))
        kwargs.setdefault(
            "widget", forms.TextInput({"inputmode": "decimal", "class": "input-money"})
        )
        if not is_signed:
            kwargs.setdefault("min_value", Decimal("0.01"))
        super().__init__(max_digits=18, decimal_places=places, **kwargs)  # type: ignore[arg-type]

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override]
        return super().to_python(plain(value) if isinstance(value, str) else value)


def plain(typed: str) -> str:
    """``typed`` with a point before the decimals and nothing else between digits."""
    text = _NOISE.sub("", typed).replace("−", "-")
    if "," in text and "." in text:
        mark = max(text.rfind(","), text.rfind("."))
        head, tail = text[:mark], text[mark + 1 :]
        return head.replace(",", "").replace(".", "") + "." + tail
    if _GROUPED.fullmatch(text):
        return text.replace(",", "").replace(".", "")
    # No group of thousands begins with a zero: 0,068 is a price.
    if re.fullmatch(r"-?[1-9]\d{0,2}[.,]\d{3}", text):
        raise ValidationError(
            _("«%(typed)s» puede leerse de dos formas: escríbalo sin separador de miles."),
            params={"typed": typed},
        )
    return text.replace(",", ".")


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day that leaves room to count from it, and to be a moment in any zone."""
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
