"""The form of a promise: one date and amount, or a total spread over several that may be corrected."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.ledger import instalments
from acuerdo.ledger.forms import MoneyForm
from acuerdo.ledger.instalments import Part
from acuerdo.primitives.money import Money
from acuerdo.ui.formatting import money as written
from acuerdo.ui.typing import AmountField, day_field, in_currency, offer

ONE = "1"


def choices() -> list[tuple[str, str]]:
    counts = range(2, instalments.MOST + 1)
    return [(ONE, _("Un solo pago")), *((str(n), _("%s partes") % n) for n in counts)]


class _Chosen(forms.ChoiceField):
    """A choice that is always made: what was not sent is the first value."""

    def clean(self, value: Any) -> Any:
        return super().clean(value or self.initial)


class PromiseForm(MoneyForm):
    """With more than one part it has a date and an amount of each: ``due_on_1``, ``amount_1``..."""

    due_on = day_field(gettext_lazy("Fecha del compromiso"))
    parts = _Chosen(label=gettext_lazy("En cuántas partes"), initial=ONE)
    every = _Chosen(
        label=gettext_lazy("Cada cuánto"),
        choices=instalments.RHYTHMS,
        initial=instalments.MONTH,
    )
    note = forms.CharField(
        label=gettext_lazy("Nota"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, owed: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, owed=owed, **kwargs)
        self.owed = owed
        # Nobody promises to pay what is not owed.
        self.offer(owed)
        offer(self, parts=choices())
        self.count = self._count()
        for number in range(1, self.count + 1) if self.count > 1 else ():
            self.fields[f"due_on_{number}"] = day_field(_("Fecha de la parte %s") % number)
            label = _("Monto de la parte %s") % number
            self.fields[f"amount_{number}"] = AmountField(label=label)
        in_currency(self, str(self["currency"].value() or ""))

    def _count(self) -> int:
        given = str(self.data.get("parts") or self.initial.get("parts") or ONE)
        known = dict(choices())
        return int(given) if given in known else 1

    @property
    def head(self) -> list[forms.BoundField]:
        return [self[name] for name in ("amount", "currency", "due_on", "parts", "every")]

    @property
    def rows(self) -> list[tuple[int, forms.BoundField, forms.BoundField]]:
        """Number, date and amount of each part."""
        numbers = range(1, self.count + 1) if self.count > 1 else ()
        return [(n, self[f"due_on_{n}"], self[f"amount_{n}"]) for n in numbers]

    @property
    def asks_to_split(self) -> bool:
        """The number of parts was chosen, and nobody has seen yet what they would be."""
        return "split" in self.data or (self.count > 1 and "amount_1" not in self.data)

    def spread(self) -> "PromiseForm":
        """The same form with its parts worked out anew; without them while it cannot."""
        typed = {name: self.data.get(name, "") for name in ("amount", "currency", "due_on", "note")}
        kept = {**typed, "parts": self.data.get("parts"), "every": self.data.get("every")}
        self.full_clean()
        given = self.cleaned_data
        if self.count > 1 and {"amount", "currency", "due_on"} <= given.keys():
            kept |= _worked_out(given, self.count)
        return PromiseForm(initial=kept, owed=self.owed)

    @property
    def plan(self) -> list[Part]:
        given, currency = self.cleaned_data, self.cleaned_data["currency"]
        if self.count == 1:
            return [Part(self.money, given["due_on"])]
        return [
            Part(Money(given[f"amount_{n}"], currency), given[f"due_on_{n}"])
            for n in range(1, self.count + 1)
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        names = [f"amount_{n}" for n in range(1, self.count + 1)] if self.count > 1 else []
        if names and all(given.get(name) for name in ("amount", "currency", *names)):
            together = sum(given[name] for name in names)
            if together != given["amount"]:
                raise forms.ValidationError(_unlike(together, given["amount"], given["currency"]))
        return given


def _worked_out(given: dict[str, Any], count: int) -> dict[str, Any]:
    total = Money(given["amount"], given["currency"])
    every = given.get("every") or instalments.MONTH
    found = instalments.split(total, into=count, first_on=given["due_on"], every=every)
    rows: dict[str, Any] = {}
    for number, part in enumerate(found, start=1):
        rows[f"due_on_{number}"] = part.due_on
        rows[f"amount_{number}"] = part.amount.amount
    return rows


def _unlike(together: Any, total: Any, currency: str) -> str:
    words = {"sum": written(together, currency), "total": written(total, currency)}
    sentence = _("Las partes suman %(sum)s y el monto total es %(total)s: corrija uno de los dos.")
    return sentence % words
