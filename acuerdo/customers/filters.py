"""What narrows a list of customers; the page, exports and segments share it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.models import AlertKind, Customer, CustomerStatus
from acuerdo.organization import settings
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives import clock
from acuerdo.ui import filtering

# Days past due from and to, both included; "al_dia" is a debt that is not yet due.
BANDS = {"1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "90": (91, 100_000)}
AGES = (
    ("sin_deuda", _("Sin deuda")),
    ("al_dia", _("Al día")),
    ("1-30", _("1 a 30 días")),
    ("31-60", _("31 a 60 días")),
    ("61-90", _("61 a 90 días")),
    ("90", _("Más de 90 días")),
)
NOBODY = "ninguno"


def matching(search: str, prefix: str = "") -> Q:
    """Customers whose name holds every word of ``search``, or whose document starts with it."""
    names = Q()
    for word in search.lower().split():
        names &= Q(**{f"{prefix}sort_key__contains": _bare(word)})
    compact = "".join(sign for sign in search.upper() if sign.isalnum())
    documents = Q(**{f"{prefix}document_key__startswith": compact}) if compact else Q()
    return (names | documents) if documents else names


def _bare(word: str) -> str:
    # The sort key carries no accents: «Núñez» is looked for as «nunez».
    plain = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@dataclass(frozen=True)
class CustomerFilter:
    """``adviser`` is an id, or ``NOBODY``; deleted customers are shown only when asked for."""

    search: str = ""
    age: str = ""
    alert: str = ""
    status: str = ""
    adviser: str = ""
    portfolio: int | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "CustomerFilter":
        adviser = query.get("asesor", "")
        known = adviser == NOBODY or filtering.number(query, "asesor") is not None
        return cls(
            search=filtering.text(query, "q"),
            age=filtering.choice(query, "mora", dict(AGES)),
            alert=filtering.choice(query, "alerta", AlertKind.values),
            status=filtering.choice(query, "estado", CustomerStatus.values),
            adviser=adviser if known else "",
            portfolio=filtering.number(query, "cartera"),
        )

    def apply(self, rows: QuerySet[Customer], *, on: date | None = None) -> QuerySet[Customer]:
        """``on`` is the day that ages are counted on: today in the organisation's zone."""
        conditions = Q(status=self.status) if self.status else ~Q(status=CustomerStatus.DELETED)
        if self.search:
            conditions &= matching(self.search)
        if self.portfolio:
            conditions &= Q(portfolio_id=self.portfolio)
        if self.adviser == NOBODY:
            conditions &= Q(adviser=None)
        elif self.adviser:
            conditions &= Q(adviser_id=int(self.adviser))
        if self.alert:
            conditions &= Q(
                pk__in=Customer.objects.filter(
                    alerts__kind=self.alert, alerts__cleared_at=None
                ).values("pk")
            )
        if self.age:
            conditions &= self._of_age(on or clock.today(settings.current().time_zone))
        return rows.filter(conditions)

    def _of_age(self, on: date) -> Q:
        due = "standing__oldest_due_on"
        if self.age == "sin_deuda":
            return Q(**{f"{due}__isnull": True})
        if self.age == "al_dia":
            return Q(**{f"{due}__gte": on})
        least, most = BANDS[self.age]
        latest = on - timedelta(days=least)
        earliest = on - timedelta(days=min(most, (on - date.min).days))
        return Q(**{f"{due}__lte": latest, f"{due}__gte": earliest})

    def bar(self, portfolios: QuerySet[Portfolio], advisers: QuerySet[User]) -> filtering.Bar:
        people = [(NOBODY, _("Sin asignar")), *((row.pk, row.name) for row in advisers)]
        menus = (
            ("mora", _("Mora"), AGES, self.age),
            ("cartera", _("Cartera"), [(row.pk, row.name) for row in portfolios], self.portfolio),
            ("asesor", _("Asesor"), people, self.adviser),
            ("alerta", _("Alerta"), AlertKind.choices, self.alert),
            ("estado", _("Registro"), CustomerStatus.choices, self.status),
        )
        return filtering.Bar(
            menus=tuple(
                filtering.Menu(key, label, filtering.options(pairs), str(value or ""))
                for key, label, pairs, value in menus
            ),
            search=self.search,
            search_label=_("Nombre o documento"),
        )
