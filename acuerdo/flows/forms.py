"""What somebody types about a flow."""

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import MessageTemplate
from acuerdo.customers.models import ContactRole
from acuerdo.flows.editing import Draft
from acuerdo.flows.models import Step
from acuerdo.organization.models import Portfolio


class FlowForm(forms.Form):
    name = forms.CharField(label=_("Nombre"), max_length=120)
    portfolio = forms.ModelChoiceField(
        label=_("Cartera"),
        queryset=Portfolio.objects.all(),
        required=False,
        empty_label=_("Todas las que no tienen flujo propio"),
    )
    is_active = forms.BooleanField(
        label=_("Activo"), required=False, help_text=_("Un flujo inactivo no envía nada.")
    )


class StepForm(forms.Form):
    name = forms.CharField(label=_("Nombre del paso"), max_length=120)
    offset_days = forms.IntegerField(
        label=_("Día de mora"),
        min_value=-3650,
        max_value=3650,
        help_text=_("0 es el vencimiento; negativo, antes."),
    )
    hour = forms.TimeField(
        label=_("Hora local"), widget=forms.TimeInput({"type": "time"}, "%H:%M"), initial="09:00"
    )
    channel = forms.ChoiceField(label=_("Canal"), choices=Channel.choices)
    template = forms.ModelChoiceField(
        label=_("Plantilla"), queryset=MessageTemplate.objects.filter(is_active=True)
    )
    recipient = forms.ChoiceField(label=_("A quién"), choices=ContactRole.choices)

    @property
    def draft(self) -> Draft:
        return Draft(**self.cleaned_data)


def initial_of(step: Step) -> dict[str, object]:
    return {
        "name": step.name,
        "offset_days": step.offset_days,
        "hour": step.hour,
        "channel": step.channel,
        "template": step.template_id,
        "recipient": step.recipient,
    }
