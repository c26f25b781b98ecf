"""What somebody does as the debtor, or as the provider."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels import explanations
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives import phone
from acuerdo.primitives.refusals import Refusal
from acuerdo.simulator import lines, wires
from acuerdo.simulator.gateway import SCOPED_ID
from acuerdo.ui.typing import offer

STATUSES = (
    ("sent", gettext_lazy("Enviado")),
    ("delivered", gettext_lazy("Entregado")),
    ("opened", gettext_lazy("Leído")),
    ("failed", gettext_lazy("Fallido")),
)
CODE = "code:"
# A choice of the form, and the manners that it stands for.
ANSWERS: dict[str, tuple[object, dict[str, object]]] = {
    "ok": (gettext_lazy("Lo toma"), {"answer": "ok"}),
    "lost": (
        gettext_lazy("Lo toma y no contesta; después avisa"),
        {"answer": "accept_then_cut"},
    ),
    "silent": (
        gettext_lazy("Lo toma, no contesta ni avisa: queda en duda"),
        {"answer": "accept_then_cut", "is_silent": True},
    ),
    "cut": (gettext_lazy("Corta la conexión sin tomarlo"), {"answer": "cut"}),
}
DELAYS = (
    (0, gettext_lazy("Enseguida")),
    (5, gettext_lazy("5 segundos después")),
    (30, gettext_lazy("30 segundos después")),
    (120, gettext_lazy("2 minutos después")),
)
COPIES = (
    (1, gettext_lazy("Una vez")),
    (2, gettext_lazy("Dos veces")),
    (3, gettext_lazy("Tres veces")),
)


class WritingForm(forms.Form):
    """``is_button`` where a button of a template of ours was pressed."""

    body = forms.CharField(label=gettext_lazy("Mensaje"), max_length=4000)
    is_button = forms.BooleanField(required=False)


class StatusForm(forms.Form):
    message = forms.CharField(max_length=200)
    status = forms.ChoiceField(choices=STATUSES)
    code = forms.CharField(required=False, max_length=20)


class StrangerForm(forms.Form):
    """Somebody of whom we have nothing; without a number WhatsApp tells us a name alone."""

    name = forms.CharField(label=gettext_lazy("Nombre"), max_length=120)
    username = forms.CharField(
        label=gettext_lazy("Usuario de WhatsApp"), max_length=60, required=False
    )
    phone = forms.CharField(
        label=gettext_lazy("Número"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Vacío: esconde su número."),
    )
    body = forms.CharField(label=gettext_lazy("Mensaje"), max_length=4000)

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"]).strip()
        try:
            return phone.parse(typed, country="PE") if typed else ""
        except Refusal as refusal:
            raise ValidationError(refusal.sentence) from None

    @property
    def address(self) -> str:
        """The same name gives the same id, so that a person can write again."""
        if self.cleaned_data["phone"]:
            return str(self.cleaned_data["phone"])
        who = self.cleaned_data["username"] or self.cleaned_data["name"]
        digest = int(hashlib.sha256(who.casefold().encode()).hexdigest(), 16)
        return f"{SCOPED_ID}PE.{digest % 10**17:017d}"


class MannersForm(forms.Form):
    """How the provider of one line behaves from now on."""

    answer = forms.ChoiceField(label=gettext_lazy("El mensaje que envíe la empresa"))
    is_once = forms.BooleanField(label=gettext_lazy("Solo el próximo"), required=False)
    until = forms.ChoiceField(label=gettext_lazy("Avisa por su cuenta hasta"), required=False)
    delay = forms.TypedChoiceField(
        label=gettext_lazy("Los avisos llegan"), choices=DELAYS, coerce=int
    )
    copies = forms.TypedChoiceField(
        label=gettext_lazy("Cada aviso llega"), choices=COPIES, coerce=int
    )
    shuffle = forms.BooleanField(label=gettext_lazy("En desorden"), required=False)
    forged = forms.BooleanField(label=gettext_lazy("Con la firma de otro"), required=False)

    def __init__(self, account: ChannelAccount, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        told = wires.WIRES[lines.wire(account)].TELLS
        known = [(key, label) for key, label in STATUSES if key in told]
        offer(self, answer=_answers(account), until=[("", _("A mano")), *known])

    def values(self) -> dict[str, object]:
        """In the provider's own words; only for a form that is valid."""
        data = self.cleaned_data
        chosen = str(data["answer"])
        if chosen.startswith(CODE):
            answer: dict[str, object] = {"answer": "code", "code": chosen.removeprefix(CODE)}
        else:
            answer = ANSWERS[chosen][1]
        kept = {name: data[name] for name in ("delay", "copies", "shuffle", "forged")}
        auto = {"auto": bool(data["until"])} | ({"until": data["until"]} if data["until"] else {})
        return answer | kept | auto | {"times": 1 if data["is_once"] else -1}


def as_chosen(manners: Mapping[str, Any]) -> dict[str, object]:
    """The choices that stand for ``manners``."""
    answer = manners["answer"] if manners["times"] else "ok"
    keys = {"ok": "ok", "cut": "cut", "code": f"{CODE}{manners['code']}"}
    quiet = "silent" if manners["is_silent"] else "lost"
    kept = {name: manners[name] for name in ("copies", "shuffle", "forged")}
    return kept | {
        "answer": keys.get(answer, quiet),
        "is_once": answer != "ok" and manners["times"] > 0,
        "until": manners["until"] if manners["auto"] else "",
        "delay": int(manners["delay"]),
    }


def failures(account: ChannelAccount) -> list[tuple[str, str]]:
    """Why a message that was taken can fail in the end, each with its explanation."""
    return _explained(account, wires.WIRES[lines.wire(account)].REPORTED)


def _answers(account: ChannelAccount) -> list[tuple[str, object]]:
    wire = wires.WIRES[lines.wire(account)]
    coded = (
        (_("Lo rechaza enseguida"), wire.ANSWERED),
        (_("Lo toma y falla después"), wire.REPORTED),
    )
    groups: list[tuple[str, object]] = [(key, label) for key, (label, _said) in ANSWERS.items()]
    for label, codes in coded:
        rows = [(f"{CODE}{code}", words) for code, words in _explained(account, codes)]
        groups.append((label, rows))
    return groups


def _explained(account: ChannelAccount, codes: Iterable[str]) -> list[tuple[str, str]]:
    return [
        (code, f"{code} · {explanations.explain(account.adapter, code).sentence}") for code in codes
    ]
