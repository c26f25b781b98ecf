"""What somebody types about a message template."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from acuerdo.channels import provider_templates
from acuerdo.channels.models import Channel, ProviderTemplate
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.templating import approved_texts
from acuerdo.conversations.templating.addressees import LANGUAGES, Addressees
from acuerdo.organization.models import Portfolio

# The fields of variables: part and place, as ``var_body_0``.
VARIABLE = "var_{part}_{place}"


class TemplateForm(forms.Form):
    name = forms.CharField(label=_("Nombre"), max_length=120)
    channel = forms.ChoiceField(label=_("Canal"), choices=Channel.choices)
    provider_template = forms.ModelChoiceField(
        label=_("Plantilla aprobada por el proveedor"),
        queryset=ProviderTemplate.objects.none(),
        required=False,
        empty_label=_("Ninguna: texto propio"),
        help_text=_("Fuera de la ventana de 24 horas, WhatsApp solo acepta una de estas."),
        widget=forms.Select(
            {
                "hx-post": reverse_lazy("conversations:template_preview"),
                "hx-include": "#template",
                "hx-target": "#mapping",
                "hx-swap": "outerHTML",
                "hx-vals": '{"mapping": "1"}',
            }
        ),
    )
    subject = forms.CharField(
        label=_("Asunto"), max_length=200, required=False, help_text=_("Solo para correo.")
    )
    body = forms.CharField(
        label=_("Texto"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 10, "data-body": ""}),
    )
    html = forms.CharField(
        label=_("HTML del correo"),
        max_length=100_000,
        required=False,
        help_text=_(
            "Opcional, solo para correo. Los estilos se pasan a cada elemento al guardar;"
            " sin texto, se hace uno a partir del HTML."
        ),
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "class": "mono"}),
    )
    portfolio = forms.ModelChoiceField(
        label=_("Cartera"), queryset=Portfolio.objects.all(), required=False, empty_label=_("Todas")
    )
    language = forms.ChoiceField(
        label=_("Idioma"), choices=[("", _("Cualquiera")), *LANGUAGES], required=False
    )
    is_active = forms.BooleanField(label=_("Activa"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider_template"].queryset = usable()  # type: ignore[attr-defined]
        self.chosen = self._chosen()
        self.mapped: list[forms.BoundField] = []
        if self.chosen:
            # Its wording is the provider's, and so has no subject.
            del self.fields["body"], self.fields["subject"], self.fields["html"]
            self._ask_for_variables(approved_texts.slots(self.chosen))

    def _chosen(self) -> ProviderTemplate | None:
        told = self["provider_template"].value()
        if isinstance(told, ProviderTemplate):
            return told
        return usable().filter(pk=told).first() if str(told or "").isdecimal() else None

    def _ask_for_variables(self, slots: approved_texts.Slots) -> None:
        """A field for each variable of the provider's template, named as it is there."""
        for part, names in slots.wanted.items():
            for place, name in enumerate(names):
                key = VARIABLE.format(part=part, place=place)
                label = _LABELS[part] % {"name": name}
                self.fields[key] = forms.CharField(
                    label=label, max_length=300, required=False,
                    widget=forms.TextInput({"list": "template-tags"}),
                )  # fmt: skip
                self.mapped.append(self[key])

    @property
    def chosen_fault(self) -> str:
        return provider_templates.fault(self.chosen) if self.chosen else ""

    @property
    def variables(self) -> dict[str, list[str]]:
        """What stands in each variable, by part, also while it is being typed."""
        if self.chosen is None:
            return {}
        wanted = approved_texts.slots(self.chosen).wanted
        return {
            part: [self._tag(part, place) for place in range(len(names))]
            for part, names in wanted.items()
        }

    def _tag(self, part: str, place: int) -> str:
        told = self[VARIABLE.format(part=part, place=place)].value()
        return str(told or "").strip().removeprefix("{{").removesuffix("}}").strip()

    def values(self) -> dict[str, Any]:
        """What ``message_templates.save`` takes."""
        told = {name: value for name, value in self.cleaned_data.items() if name[:4] != "var_"}
        addressees = Addressees(told.pop("portfolio"), told.pop("language"))
        own = {"variables": self.variables, "addressees": addressees}
        return {"body": "", "subject": "", **told, **own}

    def draft(self) -> MessageTemplate:
        """What is being typed, unsaved."""
        told = {
            name: str(self[name].value() or "")
            for name in ("subject", "body")
            if name in self.fields
        }
        if self.chosen is None:
            return MessageTemplate(subject=told["subject"][:200], body=told["body"][:20_000])
        return MessageTemplate(
            body=approved_texts.wording(self.chosen, self.variables),
            provider_template=self.chosen,
            variables=self.variables,
        )


_LABELS = {
    "header": _("Encabezado: %(name)s"),
    "body": _("Texto: %(name)s"),
    "buttons": _("Botón «%(name)s»"),
}


def usable() -> QuerySet[ProviderTemplate]:
    """Those that the provider would take, and those that it stopped but we stand on."""
    found = ProviderTemplate.objects.filter(account__is_active=True)
    return found.exclude(status=provider_templates.GONE).select_related("account")


def initial_variables(variables: dict[str, list[str]]) -> dict[str, str]:
    return {
        VARIABLE.format(part=part, place=place): tag
        for part, tags in variables.items()
        for place, tag in enumerate(tags)
    }
