"""What narrows the list, in words: a chip for each filter, and the menus to choose from."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels.models import Channel
from acuerdo.conversations.tray import extra_filters, narrowing
from acuerdo.conversations.tray.filters import BY_AMOUNT, LATEST, InboxFilter
from acuerdo.conversations.tray.trays import Wanted
from acuerdo.customers.contact_points import KINDS_OF_CHANNEL
from acuerdo.customers.filters import NOBODY
from acuerdo.customers.forms import advisers_of, portfolios_of
from acuerdo.customers.models import AlertKind, CustomField, Segment
from acuerdo.ledger.models import PromiseStatus
from acuerdo.organization.countries import currencies
from acuerdo.organization.models import PortfolioKind, Role, Team, User
from acuerdo.ui import filtering
from acuerdo.ui.filtering import Menu, Words

# An address that narrows nothing says so: an empty one brings back what was used last.
NOTHING = "q="
SORT_NAMES: dict[str, Words] = {
    LATEST: gettext_lazy("Más recientes"),
    "waiting": gettext_lazy("Más espera"),
    "days": gettext_lazy("Más días de mora"),
    "amount": gettext_lazy("Mayor deuda vencida"),
    "least": gettext_lazy("Menor deuda vencida"),
}
KIND_NAMES = {
    PortfolioKind.CURRENT.value: gettext_lazy("Cartera vigente"),
    PortfolioKind.CHARGED_OFF.value: gettext_lazy("Cartera castigada"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, and the query of the list without it."""

    label: str
    query: str


def query_of(wanted: Wanted, *dropped: str, **changed: str) -> str:
    """The filter as a query; one that says nothing still says that it is meant."""
    params = wanted.as_params() | changed
    told = {key: value for key, value in params.items() if value and key not in dropped}
    return urlencode(told) or NOTHING


def chips(user: User, wanted: InboxFilter, **beside: str) -> list[Chip]:
    """Only the names of what narrows the list are looked up; ``beside`` stays in each query."""
    found: list[Chip] = []

    def add(label: object, *keys: str) -> None:
        found.append(Chip(str(label), query_of(wanted, *keys, **beside)))

    if wanted.only_pending:
        add(_("Por gestionar"), "pending")
    for menu in menus(user, wanted, only_chosen=True):
        add(_shown(menu), menu.key)
    period = filtering.Period("", wanted.since, wanted.until)
    if period.chosen:
        add(period.chosen, "since", "until")
    if days := _between(wanted.days_from, wanted.days_to):
        add(_("%(range)s días") % {"range": days}, "days_from", "days_to")
    for words, keys in _of_money(wanted):
        add(words, *keys)
    if wanted.has_window:
        add(_("Ventana abierta"), "window")
    if wanted.field_key:
        field = CustomField.objects.filter(level="customer", key=wanted.field_key).first()
        name = field.label if field else wanted.field_key
        add(f"{name}: {wanted.field_value}", "field", "value")
    return found


def _of_money(wanted: InboxFilter) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The bounds of the amount; and of an order by amount, that it is of one currency."""
    money = wanted.money_of_amounts if wanted.has_amounts else ""
    if amount := _between(wanted.amount_from, wanted.amount_to):
        words = {"range": amount, "currency": money}
        yield _("Vencido %(range)s %(currency)s") % words, ("amount_from", "amount_to")
    is_silent = wanted.sort in BY_AMOUNT and not wanted.currency
    if is_silent and narrowing.is_left_out(money, wanted.portfolio):
        yield _("Solo %(currency)s") % {"currency": money}, ("sort",)


def menus(user: User, wanted: InboxFilter, *, only_chosen: bool = False) -> list[Menu]:
    """What the list can be narrowed by, with what is chosen now."""
    channels = [(value, label) for value, label in Channel.choices if value != Channel.CALL]
    reach = [(value, label) for value, label in Channel.choices if value in KINDS_OF_CHANNEL]
    promises = [(status, PromiseStatus(status).label) for status in narrowing.PROMISES]
    rows: list[tuple[str, str, Iterable[tuple[object, object]], object]] = [
        ("portfolio", _("Cartera"), _named(portfolios_of(user)), wanted.portfolio),
        ("portfolio_kind", _("Tipo de cartera"), KIND_NAMES.items(), wanted.kind),
        ("segment", _("Segmento"), _segments(wanted, only_chosen=only_chosen), wanted.segment),
        ("channel", _("Último canal"), channels, wanted.channel),
        ("reach", _("Contactabilidad"), reach, wanted.reach),
        ("alert", _("Alerta"), AlertKind.choices, wanted.alert),
        ("promise", _("Compromiso"), promises, wanted.promise),
        ("currency", _("Moneda"), currencies(), wanted.currency),
    ]
    if user.role != Role.ADVISER:
        people = _advisers(advisers_of(user), wanted, only_chosen=only_chosen)
        rows.append(("adviser", _("Asesor"), people, wanted.adviser))
        rows.append(("team", _("Equipo del supervisor"), _named(Team.objects.all()), wanted.team))
    given = dict(wanted.extras)
    for key, extra in extra_filters.found().items():
        if not only_chosen or key in given:
            rows.append((key, str(extra.label), extra.options(user), given.get(key)))
    return [
        Menu(key, label, filtering.options(pairs), str(value or ""))
        for key, label, pairs, value in rows
        if value or not only_chosen
    ]


def _segments(wanted: InboxFilter, *, only_chosen: bool) -> Iterable[tuple[object, object]]:
    if only_chosen and wanted.segment is None:
        return []
    return [*_named(Segment.objects.all()), (NOBODY, _("Sin segmento"))]


def custom_fields() -> tuple[filtering.Option, ...]:
    rows = CustomField.objects.filter(level="customer")
    return filtering.options(rows.values_list("key", "label"))


def sorts(
    wanted: InboxFilter, names: Mapping[str, Words] = SORT_NAMES, **beside: str
) -> list[tuple[str, str, bool]]:
    """Words, query and whether it is the order now."""
    return [
        (_sort_name(sort, name, wanted), query_of(wanted, sort=sort, **beside), sort == wanted.sort)
        for sort, name in names.items()
    ]


def _sort_name(sort: str, name: Words, wanted: InboxFilter) -> str:
    """Amounts of different currencies have no order: the words say which one is meant."""
    return f"{name} ({wanted.money_of_amounts})" if sort in BY_AMOUNT else str(name)


def _named(rows: QuerySet[Any]) -> Iterable[tuple[object, object]]:
    return rows.values_list("pk", "name")


def _advisers(
    people: QuerySet[User], wanted: InboxFilter, *, only_chosen: bool
) -> Iterable[tuple[object, object]]:
    nobody = (NOBODY, _("Sin asesor"))
    if only_chosen:
        return (
            [nobody] if wanted.adviser == NOBODY else _named(people.filter(pk__in=[wanted.adviser]))
        )
    return [nobody, *_named(people)]


def _shown(menu: Menu) -> str:
    """Some words stand only beside the name of their menu; others' rows are out of reach."""
    if not menu.chosen:
        return f"{menu.label}: {_('fuera de su alcance')}"
    if menu.key in {"reach", "promise", "segment"}:
        return f"{menu.label}: {menu.chosen}"
    return menu.chosen


def _between(low: date | Decimal | int | None, high: date | Decimal | int | None) -> str:
    if low is not None and high is not None:
        return f"{low} – {high}"
    if low is not None:
        return f"≥ {low}"
    return f"≤ {high}" if high is not None else ""
