"""What somebody does as the debtor, or as the provider."""

from django import forms
from django.utils.translation import gettext_lazy as _

STATUSES = (
    ("sent", _("Enviado")),
    ("delivered", _("Entregado")),
    ("opened", _("Leído")),
    ("failed", _("Fallido")),
)
FAILURES = (
    (_("El número no existe"), _("El número no existe")),
    (_("El teléfono está apagado"), _("El teléfono está apagado")),
    (_("El buzón está lleno"), _("El buzón está lleno")),
)


class WritingForm(forms.Form):
    body = forms.CharField(label=_("Mensaje"), max_length=4000)


class StatusForm(forms.Form):
    message = forms.CharField(max_length=80)
    status = forms.ChoiceField(choices=STATUSES)
    detail = forms.CharField(required=False, max_length=120)
