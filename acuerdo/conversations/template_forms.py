"""What somebody types about a message template."""

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel


class TemplateForm(forms.Form):
    name = forms.CharField(label=_("Nombre"), max_length=120)
    channel = forms.ChoiceField(label=_("Canal"), choices=Channel.choices)
    subject = forms.CharField(
        label=_("Asunto"), max_length=200, required=False, help_text=_("Solo para correo.")
    )
    body = forms.CharField(
        label=_("Texto"), max_length=20_000, widget=forms.Textarea({"rows": 10, "data-body": ""})
    )
    is_active = forms.BooleanField(label=_("Activa"), required=False, initial=True)
