"""What somebody types about money. The operations decide whether it will do."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import Customer
from acuerdo.ledger.models import ClaimCategory, Debt
from acuerdo.ledger.receipts import ReceiptField
from acuerdo.organization.countries import currencies
from acuerdo.primitives.money import CURRENCIES, Money
from acuerdo.ui.typing import AmountField, day_field, in_currency, offer


def new_token() -> str:
    return uuid4().hex


class MoneyForm(forms.Form):
    """An amount and its currency, taken out together as ``money``."""

    amount = AmountField()
    currency = forms.ChoiceField(label=_("Moneda"))

    def __init__(self, *args: Any, owed: Sequence[str], **kwargs: Any) -> None:
        """``owed`` are the currencies of what the customer owes, offered before the others."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("currency", owed[0])
        self.offer([*owed, *(code for code in CURRENCIES if code not in owed)])
        in_currency(self, str(self["currency"].value() or ""))

    def offer(self, codes: Sequence[str]) -> None:
        offer(self, currency=currencies(codes))

    @property
    def money(self) -> Money:
        return Money(self.cleaned_data["amount"], self.cleaned_data["currency"])

    @property
    def rest(self) -> dict[str, Any]:
        """What was typed apart from the money."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in {"amount", "currency"}
        }


class DebtForm(MoneyForm):
    code = forms.CharField(label=_("Código"), max_length=60)
    product = forms.CharField(label=_("Producto"), max_length=80, required=False)
    due_on = day_field(_("Vencimiento"))
    issued_on = day_field(_("Emisión"), required=False)

    field_order = ("code", "amount", "currency", "due_on", "issued_on", "product")


class PaymentForm(MoneyForm):
    paid_on = day_field(_("Fecha del pago"))
    method = forms.CharField(label=_("Medio"), max_length=60, required=False)
    reference = forms.CharField(label=_("Número de operación"), max_length=120, required=False)


class RecordForm(PaymentForm):
    """A payment taken down by hand; sent twice, it is still one payment."""

    token = forms.RegexField(r"^[0-9a-f]{32}$", initial=new_token, widget=forms.HiddenInput)

    @property
    def rest(self) -> dict[str, Any]:
        rest = super().rest
        return rest | {"code": f"A-{rest.pop('token')}"}


class ReportForm(PaymentForm):
    paid_on = day_field(_("Fecha en que dice haber pagado"))
    note = forms.CharField(
        label=_("Nota"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    receipt = ReceiptField(label=_("Constancia"))


class ClaimForm(forms.Form):
    """What a customer disputes; without orders it is about all that is owed."""

    category = forms.ChoiceField(label=_("Categoría"), choices=ClaimCategory.choices)
    description = forms.CharField(
        label=_("Qué reclama"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    debts = forms.ModelMultipleChoiceField(
        label=_("Órdenes de pago"),
        queryset=Debt.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Sin marcar ninguna, el reclamo es por toda la deuda."),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        debts = Debt.objects.filter(customer=customer).order_by("due_on", "pk")
        choice = cast("forms.ModelMultipleChoiceField[Debt]", self.fields["debts"])
        choice.queryset = debts
        if not debts.exists():
            del self.fields["debts"]

    @property
    def claim(self) -> dict[str, Any]:
        return {"debts": (), **self.cleaned_data}


class AdjustmentForm(forms.Form):
    amount = AmountField(
        is_signed=True,
        help_text=_("Con signo menos baja lo que se debe; sin signo, lo sube."),
    )
    note = forms.CharField(label=_("Motivo"), max_length=200)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_currency(self, currency)


class ReasonForm(forms.Form):
    note = forms.CharField(label=_("Motivo"), max_length=2000, widget=forms.Textarea({"rows": 3}))
