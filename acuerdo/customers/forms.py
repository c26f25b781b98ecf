"""What somebody types about a customer. The operations decide whether it will do."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from acuerdo.customers import documents
from acuerdo.customers.models import ContactKind, ContactRole, Customer
from acuerdo.organization.access import scope
from acuerdo.organization.countries import ZONES, countries
from acuerdo.organization.models import Portfolio, Role, User
from acuerdo.ui.typing import day_field

WRONG_ADDRESS = (
    ("missing", _("No existe")),
    ("stranger", _("Es de otra persona")),
    ("suspended", _("Suspendido o sin servicio")),
    ("asked", _("Pidió que no se use")),
)


def document_types(*, country: str) -> list[Any]:
    """Those of ``country`` first, so that the commonest one there is chosen already."""
    own = [*documents.TYPES_BY_COUNTRY.get(country, ()), *documents.ANYWHERE]
    others = {kind for kinds in documents.TYPES_BY_COUNTRY.values() for kind in kinds} - set(own)
    return [
        *((kind, kind) for kind in own),
        (_("De otros países"), [(kind, kind) for kind in sorted(others)]),
    ]


class CustomerForm(forms.Form):
    """``country`` of what it begins with decides which documents come first."""

    portfolio = forms.ModelChoiceField(label=_("Cartera"), queryset=Portfolio.objects.none())
    country = forms.ChoiceField(label=_("País"), choices=countries)
    document_type = forms.ChoiceField(label=_("Tipo de documento"))
    document_number = forms.CharField(label=_("Número de documento"), max_length=40)
    first_name = forms.CharField(label=_("Nombre o razón social"), max_length=120)
    last_name = forms.CharField(label=_("Apellidos"), max_length=120, required=False)
    is_company = forms.BooleanField(label=_("Es una empresa"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Zona horaria"),
        choices=[("", _("La del país")), *ZONES],
        required=False,
        help_text=_("Decide a qué hora se le puede contactar."),
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        portfolio = cast("forms.ModelChoiceField[Any]", self.fields["portfolio"])
        portfolio.queryset = portfolios_of(user)
        kind = cast("forms.ChoiceField", self.fields["document_type"])
        kind.choices = document_types(country=str(self.initial.get("country", "")))


def portfolios_of(user: User) -> QuerySet[Portfolio]:
    """The active ones that ``user`` may work today: a grant has its first and last day."""
    rows, reach = Portfolio.objects.filter(is_active=True), scope(user).portfolios
    return rows if reach is None else rows.filter(pk__in=reach)


def advisers_of(user: User) -> QuerySet[User]:
    """Whom customers that ``user`` reaches may be assigned to."""
    people = User.objects.filter(is_active=True).exclude(role=Role.AUDITOR)
    if user.role == Role.ADVISER:
        return people.filter(pk=user.pk)
    if user.role == Role.ADMINISTRATOR:
        return people
    return people.filter(grants__portfolio__in=portfolios_of(user)).distinct()


class AdviserForm(forms.Form):
    adviser = forms.ModelChoiceField(
        label=_("Asesor"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Sin asignar"),
    )

    def __init__(self, *args: object, customer: Customer, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        adviser = cast("forms.ModelChoiceField[Any]", self.fields["adviser"])
        adviser.queryset = (
            User.objects.filter(is_active=True, grants__portfolio_id=customer.portfolio_id)
            .exclude(role=Role.AUDITOR)
            .distinct()
        )


class ContactPointForm(forms.Form):
    kind = forms.ChoiceField(label=_("Tipo"), choices=ContactKind.choices)
    value = forms.CharField(label=_("Número o correo"), max_length=254)
    role = forms.ChoiceField(label=_("De quién es"), choices=ContactRole.choices)


class UnusableForm(forms.Form):
    """Why an address is not to be used; the words stand beside it as its alert."""

    why = forms.ChoiceField(label=_("Motivo"), choices=WRONG_ADDRESS)
    note = forms.CharField(
        label=_("Detalle"), max_length=120, required=False, help_text=_("Se lee junto al contacto.")
    )

    @property
    def reason(self) -> str:
        words = str(dict(WRONG_ADDRESS)[self.cleaned_data["why"]])
        note = str(self.cleaned_data["note"]).strip()
        return f"{words}: {note}" if note else words


class PauseForm(forms.Form):
    until = day_field(_("Reanudar el"))
    note = forms.CharField(
        label=_("Motivo"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )
