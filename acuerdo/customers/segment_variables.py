"""What the rule of a segment may ask of a customer. No days past due: flows count those.

An app above adds its own in ``segment_variables.py``: a table ``VARIABLES``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.alerts import has_alert
from acuerdo.customers.models import AlertKind, ContactPoint
from acuerdo.organization.countries import countries
from acuerdo.organization.models import Portfolio, PortfolioKind
from acuerdo.ui.filtering import Words

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """``condition`` is about customers and true of any of the values that it is given.

    ``options`` are the pairs of value and words to choose from; of ``is_many`` several. Values
    that ``are_portfolios``, by id, are named to those alone who reach them.
    """

    key: str
    label: Words
    options: Callable[[], Iterable[tuple[str, Words]]]
    condition: Callable[[Values], Q]
    is_many: bool = False
    are_portfolios: bool = False


@cache
def found() -> Mapping[str, Variable]:
    """Every variable by its key, our own first."""
    variables = {variable.key: variable for variable in VARIABLES}
    for app in settings.DISCOVERED_APPS:
        name = f"{app}.segment_variables"
        if name != __name__ and find_spec(name):
            variables |= {each.key: each for each in import_module(name).VARIABLES}
    return variables


def _portfolios() -> Iterable[tuple[str, Words]]:
    return [(str(pk), name) for pk, name in Portfolio.objects.values_list("pk", "name")]


def _is_reachable(values: Values) -> Q:
    usable = Q(Exists(ContactPoint.objects.filter(customer=OuterRef("pk"), is_usable=True)))
    return usable if values == ("yes",) else ~usable


VARIABLES = (
    Variable(
        "person",
        _("Tipo de persona"),
        lambda: [("person", _("Persona")), ("company", _("Empresa"))],
        lambda values: Q(is_company=values == ("company",)),
    ),
    Variable(
        "portfolio_kind",
        _("Tipo de cartera"),
        lambda: [(kind.value, kind.label) for kind in PortfolioKind],
        # Asked apart, so that the statement that holds customers holds no portfolio.
        lambda values: Q(portfolio__in=Portfolio.objects.filter(kind__in=values)),
    ),
    Variable(
        "reachable",
        _("Contactos que sirven"),
        lambda: [("yes", _("Tiene al menos uno")), ("no", _("Ninguno"))],
        _is_reachable,
    ),
    Variable(
        "portfolio",
        _("Cartera"),
        _portfolios,
        lambda values: Q(portfolio_id__in=[int(value) for value in values]),
        is_many=True,
        are_portfolios=True,
    ),
    Variable("country", _("País"), countries, lambda values: Q(country__in=values), is_many=True),
    Variable(
        "alert",
        _("Alerta abierta"),
        lambda: AlertKind.choices,
        lambda values: has_alert(*values),
        is_many=True,
    ),
)
