"""What an administrator types about people and rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.organization.countries import ZONES, countries, currencies
from acuerdo.organization.models import Portfolio, PortfolioKind, ReplyRule, Role, Team, TenantType


class UserForm(forms.Form):
    name = forms.CharField(label=_("Nombre"), max_length=120)
    email = forms.EmailField(
        label=_("Correo"), max_length=254, help_text=_("Con él iniciará sesión.")
    )
    role = forms.ChoiceField(label=_("Rol"), choices=Role.choices, initial=Role.ADVISER)
    team = forms.ModelChoiceField(
        label=_("Equipo"), queryset=Team.objects.all(), required=False, empty_label=_("Sin equipo")
    )
    external_id = forms.CharField(
        label=_("Código de asesor"),
        max_length=40,
        required=False,
        help_text=_("El que traen los archivos de asignación."),
    )
    portfolios = forms.ModelMultipleChoiceField(
        label=_("Carteras"),
        queryset=Portfolio.objects.filter(is_active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("El administrador alcanza todas; los demás, solo las marcadas."),
    )


class UserChangeForm(UserForm):
    """The address is what a person signs in with, and does not change here."""

    email = None  # type: ignore[assignment]


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Nombre"), max_length=120)


class PortfolioForm(forms.Form):
    name = forms.CharField(label=_("Nombre"), max_length=120)
    code = forms.SlugField(
        label=_("Código"),
        max_length=60,
        required=False,
        help_text=_("Como la nombran los archivos. Si lo deja vacío, sale del nombre."),
    )
    creditor = forms.CharField(label=_("Acreedor"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Tipo"), choices=PortfolioKind.choices)
    whatsapp_consent = forms.CharField(
        label=_("Dónde aceptaron sus clientes recibir WhatsApp"),
        max_length=200,
        required=False,
        help_text=_(
            "Por ejemplo: contrato de crédito, cláusula 14, que nombra a la empresa. Sin este dato"
            " WhatsApp solo sale a quien acaba de escribir o tiene su aceptación registrada."
        ),
    )


class PortfolioChangeForm(PortfolioForm):
    """Files name a portfolio by its code, so that stays."""

    code = None  # type: ignore[assignment]
    is_active = forms.BooleanField(label=_("Activa"), required=False)


class HolidayForm(forms.Form):
    country = forms.ChoiceField(label=_("País"), choices=countries)
    on = forms.DateField(label=_("Día"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    name = forms.CharField(label=_("Motivo"), max_length=120)


class SettingsForm(forms.Form):
    name = forms.CharField(label=_("Nombre de la organización"), max_length=120)
    country = forms.ChoiceField(label=_("País"), choices=countries)
    currency = forms.ChoiceField(label=_("Moneda"), choices=currencies)
    time_zone = forms.ChoiceField(label=_("Zona horaria"), choices=ZONES)
    tenant_type = forms.ChoiceField(
        label=_("Tipo de organización"),
        choices=[("", _("Sin indicar")), *TenantType.choices],
        required=False,
        help_text=_("Meta pide una constancia a quien cobra por encargo o compra carteras."),
    )
    how_to_pay = forms.CharField(
        label=_("Cómo pagar"),
        max_length=2000,
        required=False,
        help_text=_("Lo lee cada cliente en su página: cuentas, convenios, horarios."),
        widget=forms.Textarea({"rows": 4}),
    )
    report_hold_business_days = forms.IntegerField(
        label=_("Días hábiles de espera por un pago a verificar"), min_value=0, max_value=60
    )
    promise_grace_days = forms.IntegerField(
        label=_("Días de gracia de un compromiso"), min_value=0, max_value=60
    )
    call_attempts_per_step = forms.IntegerField(
        label=_("Intentos de llamada por paso"), min_value=1, max_value=20
    )
    reply_rule = forms.ChoiceField(
        label=_("Quién escribe a un cliente"),
        choices=ReplyRule.choices,
        help_text=_("Los demás pueden dejar notas."),
    )
    call_tray = forms.BooleanField(label=_("Usar la bandeja de llamadas"), required=False)
    contingency_channel = forms.BooleanField(
        label=_("Si un mensaje falla, avisar por el último canal que funcionó"), required=False
    )
    unregistered_inbox = forms.BooleanField(
        label=_("Mostrar mensajes de no registrados"), required=False
    )
    advisers_see_unregistered = forms.BooleanField(
        label=_("Los asesores ven los no registrados"), required=False
    )
    advisers_see_unassigned = forms.BooleanField(
        label=_("Los asesores ven clientes sin asignar"), required=False
    )
    advisers_see_team = forms.BooleanField(
        label=_("Los asesores ven clientes de su equipo"), required=False
    )


RULES = ("report_hold_business_days", "promise_grace_days", "call_attempts_per_step", "reply_rule")
SWITCHES = (
    "call_tray",
    "contingency_channel",
    "unregistered_inbox",
    "advisers_see_unregistered",
    "advisers_see_unassigned",
    "advisers_see_team",
)
