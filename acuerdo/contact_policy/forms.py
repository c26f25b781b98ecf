"""What an adviser writes down when somebody agrees to be written to, or asks us to stop."""

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel


class OptInForm(forms.Form):
    channel = forms.ChoiceField(label=_("Canal"), choices=Channel.choices)
    source = forms.CharField(
        label=_("Dónde y cómo lo aceptó"),
        max_length=200,
        help_text=_("Por ejemplo: en la llamada de hoy, a nombre de la empresa."),
    )
    covers_marketing = forms.BooleanField(label=_("También acepta ofertas"), required=False)


class OptOutForm(forms.Form):
    channel = forms.ChoiceField(
        label=_("Canal"), choices=[("", _("Todos")), *Channel.choices], required=False
    )
    source = forms.CharField(label=_("Cómo lo pidió"), max_length=200)


class LiftForm(forms.Form):
    """Only confirms."""
