"""The form of a result: only the fields of the result that was chosen."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.calls.dispositions import Disposition, Field
from acuerdo.customers.models import Balance, ContactKind, ContactPoint, Customer
from acuerdo.ledger import instalments
from acuerdo.ledger.models import ClaimCategory
from acuerdo.ledger.receipts import ReceiptField
from acuerdo.primitives.money import rounded
from acuerdo.ui.typing import AmountField, day_field, in_currency


class ScheduleForm(forms.Form):
    """A day, perhaps an hour, both by the customer's clock; the operation refuses closed ones."""

    due_on = day_field(_("Día"))
    due_at = forms.TimeField(
        label=_("Hora"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, "%H:%M"),
    )
    note = forms.CharField(
        label=_("Qué tratar"),
        required=False,
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
    )


class ResultForm(forms.Form):
    """``disposition`` decides the fields; the note is always there."""

    def __init__(
        self, *args: Any, customer: Customer, disposition: Disposition, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        self.disposition = disposition
        for field in disposition.fields:
            _ADDED[field.kind](self, field)
        self.fields["note"] = forms.CharField(
            label=_("Nota"),
            required=disposition.asks_note,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    def values(self) -> tuple[dict[str, Any], str]:
        """The data of the result, and its note."""
        given = dict(self.cleaned_data)
        note = given.pop("note", "")
        return given, note


def _money(form: ResultForm, field: Field) -> None:
    owed = list(Balance.objects.filter(customer=form.customer, open_amount__gt=0))
    owed.sort(key=lambda balance: -balance.overdue_amount)
    form.fields[field.name] = AmountField(
        label=field.label, initial=_suggested(owed[0]) if owed else None
    )
    currencies = [(balance.currency, balance.currency) for balance in owed]
    form.fields["currency"] = forms.ChoiceField(
        label=_("Moneda"),
        choices=currencies,
        widget=forms.HiddenInput() if len(currencies) == 1 else forms.Select(),
        initial=currencies[0][0] if currencies else "",
        error_messages={"required": _("Este cliente no tiene saldo por pagar.")},
    )
    in_currency(form, str(form["currency"].value() or ""))


def _suggested(balance: Balance) -> Decimal:
    """What is overdue, or all that is owed, at the currency's minor unit."""
    return rounded(balance.overdue_amount or balance.open_amount, balance.currency)


def _date(form: ResultForm, field: Field) -> None:
    form.fields[field.name] = day_field(field.label, required=field.is_required)


def _hour(form: ResultForm, field: Field) -> None:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    form.fields[field.name] = forms.TimeField(
        label=field.label, required=field.is_required, widget=widget
    )


def _text(form: ResultForm, field: Field) -> None:
    form.fields[field.name] = forms.CharField(
        label=field.label, required=field.is_required, max_length=60
    )


def _long_text(form: ResultForm, field: Field) -> None:
    form.fields[field.name] = forms.CharField(
        label=field.label,
        required=field.is_required,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _file(form: ResultForm, field: Field) -> None:
    form.fields[field.name] = ReceiptField(label=field.label, required=field.is_required)


def _number(form: ResultForm, field: Field) -> None:
    points = ContactPoint.objects.filter(customer=form.customer, kind=ContactKind.PHONE)
    form.fields[field.name] = forms.ModelChoiceField(
        label=field.label,
        required=field.is_required,
        queryset=points.order_by("position"),
        empty_label=None,
    )


def _claim(form: ResultForm, field: Field) -> None:
    form.fields[field.name] = forms.ChoiceField(
        label=field.label, required=field.is_required, choices=ClaimCategory.choices
    )


def _parts(form: ResultForm, field: Field) -> None:
    counts = [(str(n), _("%s partes") % n) for n in range(2, instalments.MOST + 1)]
    form.fields[field.name] = forms.ChoiceField(
        label=field.label, required=False, choices=[("", _("Un solo pago")), *counts]
    )
    form.fields["every"] = forms.ChoiceField(
        label=_("Cada cuánto"),
        required=False,
        choices=instalments.RHYTHMS,
        initial=instalments.MONTH,
    )


_ADDED: dict[str, Callable[[ResultForm, Field], None]] = {
    "money": _money,
    "date": _date,
    "open_day": _date,
    "hour": _hour,
    "text": _text,
    "long_text": _long_text,
    "file": _file,
    "number": _number,
    "claim": _claim,
    "parts": _parts,
}
