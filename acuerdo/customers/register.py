"""The list of customers: one narrow row each, with its age on the day of the list."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.filters import NOBODY, CustomerFilter
from acuerdo.customers.models import Alert, AlertKind, Customer, CustomerStatus, Segment
from acuerdo.organization.models import Portfolio, User
from acuerdo.ui import filtering

STANDINGS = (
    ("current", _("Al día")),
    ("1-29", _("1 a 29 días")),
    ("30-59", _("30 a 59 días")),
    ("60-89", _("60 a 89 días")),
    ("90+", _("90 días o más")),
    ("settled", _("Sin deuda")),
)


@dataclass(frozen=True)
class Row:
    customer: Customer
    days: int


def with_details(customers: QuerySet[Customer]) -> QuerySet[Customer]:
    """``customers`` with what a row shows; its open alerts are in ``open_alerts``."""
    alerts = Prefetch("alerts", Alert.objects.filter(cleared_at=None), to_attr="open_alerts")
    return customers.select_related("adviser", "portfolio", "standing").prefetch_related(alerts)


def row(customer: Customer, *, on: date) -> Row:
    return Row(customer, days_past_due(customer, on=on))


def days_past_due(customer: Customer, *, on: date) -> int:
    due = customer.standing.oldest_due_on
    return max((on - due).days, 0) if due else 0


def bar(
    wanted: CustomerFilter, portfolios: QuerySet[Portfolio], advisers: QuerySet[User]
) -> filtering.Bar:
    people = [(NOBODY, _("Sin asignar")), *((row.pk, row.name) for row in advisers)]
    books = [(row.pk, row.name) for row in portfolios]
    groups = [*Segment.objects.values_list("pk", "name"), (NOBODY, _("Sin segmento"))]
    menus = (
        ("standing", _("Mora"), STANDINGS, wanted.standing),
        ("portfolio", _("Cartera"), books, wanted.portfolio),
        ("segment", _("Segmento"), groups, wanted.segment),
        ("adviser", _("Asesor"), people, wanted.adviser),
        ("alert", _("Alerta"), AlertKind.choices, wanted.alert),
        ("status", _("Registro"), CustomerStatus.choices, wanted.status),
    )
    return filtering.Bar(
        menus=tuple(
            filtering.Menu(key, label, filtering.options(pairs), str(value or ""))
            for key, label, pairs, value in menus
        ),
        search=wanted.search,
        search_label=_("Nombre, documento o contacto"),
    )
