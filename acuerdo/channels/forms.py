"""What an administrator types about an account; its fields come from the adapter's needs."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.channels import rates, trials
from acuerdo.channels.adapter import Need
from acuerdo.channels.connectors import Connector
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.organization import countries
from acuerdo.organization.countries import currencies
from acuerdo.ui.typing import AmountField, day_field, offer

PREFIX = "need_"
STORED = _("Guardado. Déjelo vacío para conservarlo.")


class AccountForm(forms.Form):
    name = forms.CharField(
        label=_("Nombre"), max_length=120, help_text=_("Como la verá su equipo.")
    )
    channel = forms.ChoiceField(label=_("Canal"))
    sender = forms.CharField(
        label=_("Remitente"),
        max_length=200,
        required=False,
        help_text=_("El número o la dirección desde la que se escribe."),
    )
    per_second = forms.IntegerField(
        label=_("Mensajes por segundo"),
        min_value=0,
        max_value=1000,
        initial=0,
        help_text=_("El ritmo que permite el proveedor; 0 es sin límite."),
    )

    def __init__(
        self, connector: Connector, *args: Any, account: ChannelAccount | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._connector = connector
        choices = [(each.value, each.label) for each in connector.channels]
        if account or len(choices) == 1:
            del self.fields["channel"]
        else:
            offer(self, channel=choices)
        for need in connector.needs:
            self.fields[PREFIX + need.name] = _field(need, is_stored=account is not None)
        self.own = [
            self[name]
            for name in ("name", "channel", "sender", "per_second")
            if name in self.fields
        ]
        self.needed = [self[PREFIX + need.name] for need in connector.needs]

    def values(self) -> dict[str, str]:
        """What was answered to each need."""
        return {
            need.name: str(self.cleaned_data[PREFIX + need.name]) for need in self._connector.needs
        }

    def account_values(self) -> dict[str, Any]:
        return {
            name: value for name, value in self.cleaned_data.items() if not name.startswith(PREFIX)
        }


class TrialForm(forms.Form):
    recipient = forms.CharField(
        label=_("Número o correo"),
        max_length=254,
        help_text=_("Uno suyo, nunca el de un cliente: recibirá un mensaje de verdad."),
    )

    def __init__(self, account: ChannelAccount, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates = trials.bare_templates(account)
        if templates:
            rows = account.templates.filter(pk__in=[row.pk for row in templates])
            self.fields["template"] = forms.ModelChoiceField(
                label=_("Plantilla aprobada"),
                queryset=rows,
                required=False,
                empty_label=_("Texto de prueba"),
            )


def initial(account: ChannelAccount, connector: Connector) -> dict[str, Any]:
    """What is stored, without any secret."""
    told = {
        PREFIX + need.name: account.config.get(need.name, "")
        for need in connector.needs
        if not need.is_secret
    }
    return {
        "name": account.name,
        "sender": account.sender,
        "per_second": account.per_second,
        **told,
    }


def _field(need: Need, *, is_stored: bool) -> forms.Field:
    """A stored secret is never asked for again, and never shown."""
    is_kept = need.is_secret and is_stored
    shared: dict[str, Any] = {
        "label": need.label,
        "required": need.is_required and not is_kept,
        "help_text": " ".join(str(part) for part in (need.help, STORED if is_kept else "") if part),
    }
    if need.options:
        blank = [] if need.is_required else [("", "—")]
        return forms.ChoiceField(choices=[*blank, *need.options], **shared)
    return forms.CharField(
        max_length=20_000, widget=_widget(need), strip=not need.is_secret, **shared
    )


def _widget(need: Need) -> forms.Widget:
    if need.is_secret:
        return forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False)
    return forms.Textarea(attrs={"rows": 5}) if need.is_long else forms.TextInput()


class RateForm(forms.Form):
    category = forms.ChoiceField(label=_("Categoría"))
    country = forms.ChoiceField(
        label=_("País del número"),
        required=False,
        help_text=_("La tarifa de un país vale antes que la de cualquier país."),
    )
    amount = AmountField(
        label=_("Precio de cada uno"),
        places=rates.PLACES,
        min_value=Decimal(0),
        help_text=_("Sin impuestos, como figura en su contrato; hasta seis decimales."),
    )
    currency = forms.ChoiceField(label=_("Moneda"), choices=currencies)
    valid_from = day_field(_("Vale desde"))
    note = forms.CharField(
        label=_("Nota"),
        max_length=120,
        required=False,
        help_text=_("De dónde sale: contrato, factura, tarifario."),
    )

    def __init__(self, account: ChannelAccount, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(
            self,
            category=[(each.value, each.label) for each in rates.categories(account)],
            country=[("", _("Cualquier país")), *countries.dialled()],
        )
        if account.channel == Channel.EMAIL:
            # A letter crosses no border.
            del self.fields["country"]
