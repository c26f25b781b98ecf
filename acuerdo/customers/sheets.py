"""Customers as files bring them in and take them out."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.customers import access, bulk, contact_points, documents
from acuerdo.customers.filters import CustomerFilter
from acuerdo.customers.models import ContactKind, ContactPoint, Customer, CustomerStatus
from acuerdo.customers.profiles import MAX_NAME, sort_key
from acuerdo.organization import settings
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives import clock
from acuerdo.primitives.money import COUNTRY_CURRENCY
from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import cells
from acuerdo.spreadsheets.mapping import folded
from acuerdo.spreadsheets.sheet import (
    BadCell,
    Cell,
    Column,
    ExportColumn,
    ExportSheet,
    Form,
    ImportSheet,
    Problem,
    Terms,
    Values,
    labelled,
)

PER_KIND = 5
# What people write in a column that a form made them fill in.
NO_CONTACT = frozenset({"0", "1", "-", "--", "n/a", "na", "no", "no tiene", "ninguno", "s/n"})
COUNTRY_NAMES = {
    "argentina": "AR", "bolivia": "BO", "brasil": "BR", "chile": "CL", "colombia": "CO",
    "costarica": "CR", "ecuador": "EC", "elsalvador": "SV", "espana": "ES", "guatemala": "GT",
    "honduras": "HN", "mexico": "MX", "nicaragua": "NI", "panama": "PA", "paraguay": "PY",
    "peru": "PE", "uruguay": "UY", "venezuela": "VE", "estadosunidos": "US",
}  # fmt: skip
COUNTRIES = frozenset({*COUNTRY_CURRENCY, *COUNTRY_NAMES.values()})
ZONES = frozenset(available_timezones())
t = gettext_lazy


def country(cell: Cell, _form: Form) -> str:
    written = cells.plain(cell)
    code = COUNTRY_NAMES.get(folded(written), written.upper())
    if code not in COUNTRIES:
        raise BadCell(
            _("«%s» no es un país conocido") % written[:40],
            _("Use su código de dos letras, por ejemplo PE"),
        )
    return code


def time_zone(cell: Cell, _form: Form) -> str:
    zone = cells.plain(cell)
    if zone not in ZONES:
        raise BadCell(
            _("«%s» no es una zona horaria") % zone[:60],
            _("Use un nombre como America/Lima, o deje la celda vacía"),
        )
    return zone


def contact(cell: Cell, _form: Form) -> str | None:
    """The address as written, or None where the cell only says that there is none."""
    value = cells.plain(cell)
    return None if value.casefold() in NO_CONTACT else value


def _contact_columns() -> list[Column]:
    columns = []
    for place in range(1, PER_KIND + 1):
        columns += [
            Column(
                f"phone_{place}",
                f"Celular {place}",
                contact,
                t("Teléfono nacional o con código de país. «1» o vacío: no tiene."),
                "987654321" if place == 1 else "",
                aliases=("celular", "telefono", "phone", "movil") if place == 1 else (),
            )
        ]
    columns += [Column("whatsapp", "WhatsApp", contact, t("Solo si es distinto de los celulares."))]
    for place in range(1, PER_KIND + 1):
        columns += [
            Column(
                f"email_{place}",
                f"Correo {place}",
                contact,
                t("Correo electrónico."),
                "ana@ejemplo.com" if place == 1 else "",
                aliases=("correo", "email", "correo electronico", "mail") if place == 1 else (),
            )
        ]
    return columns


CONTACTS = tuple(_contact_columns())
KIND_OF_COLUMN = {
    column.name: ContactKind(column.name.split("_", maxsplit=1)[0]) for column in CONTACTS
}


def finish(terms: Terms) -> Callable[[Values], Sequence[Any]]:
    """How a row of this run becomes a row of the stage."""
    allowed = Portfolio.objects.filter(is_active=True)
    if terms.portfolios is not None:
        allowed = allowed.filter(pk__in=terms.portfolios)
    portfolios = {
        folded(name): portfolio.pk
        for portfolio in allowed
        for name in (portfolio.code, portfolio.name)
    }
    active = User.objects.filter(is_active=True).values_list("external_id", "pk")
    advisers = {code: pk for code, pk in active if code}
    home = terms.organization.country

    def row(values: Values) -> Sequence[Any]:
        here = values.get("country") or home
        kind = documents.type_key(values["document_type"])
        number = values["document_number"]
        _check_document(kind, number, here)
        first, last = _names(values)
        return (
            _find(portfolios, "portfolio", values, _PORTFOLIO, fold=True),
            _find(advisers, "adviser", values, _ADVISER, fold=False),
            kind,
            number,
            documents.key(number),
            first,
            last,
            sort_key(first or "", last or ""),
            values.get("is_company"),
            values.get("country"),
            values.get("time_zone"),
            _contacts(values, here),
        )

    return row


_PORTFOLIO = (
    t("No hay una cartera activa «%s» a su alcance"),
    t("Use el código o el nombre de una cartera suya"),
)
_ADVISER = (
    t("Ningún asesor activo tiene el código «%s»"),
    t("Use el código que figura en Usuarios, o deje la celda vacía"),
)


def _find(
    known: dict[str, int], column: str, values: Values, words: tuple[Any, Any], *, fold: bool
) -> int | None:
    written = values.get(column)
    if written is None:
        return None
    found = known.get(folded(written) if fold else written)
    if found is None:
        raise BadCell(str(words[0]) % written[:60], str(words[1]), column=column)
    return found


def _check_document(kind: str, number: str, here: str) -> None:
    try:
        documents.check(kind, number, here)
    except Refusal as refusal:
        raise BadCell(
            refusal.sentence, _("Corrija el documento o su tipo"), column=refusal.field
        ) from None


def _names(values: Values) -> tuple[str | None, str | None]:
    first, last = values.get("first_name"), values.get("last_name")
    return " ".join(first.split()) if first else None, " ".join(last.split()) if last else None


def _contacts(values: Values, here: str) -> str | None:
    """The row's addresses as JSON: kind, value, key, in the order of the columns."""
    found: dict[tuple[str, str], str] = {}
    for column, kind in KIND_OF_COLUMN.items():
        written = values.get(column)
        if written is None:
            continue
        try:
            value = contact_points.stored_value(kind, written, country=here)
        except Refusal as refusal:
            raise BadCell(
                refusal.sentence, _("Corrija el dato o deje la celda vacía"), column=column
            ) from None
        found.setdefault((kind.value, contact_points.canonical_key(kind, value)), value)
    if not found:
        return None
    rows = [{"kind": kind, "value": value, "key": key} for (kind, key), value in found.items()]
    return json.dumps(rows)


CUSTOMERS = ImportSheet(
    name="customers",
    title="Clientes",
    columns=(
        Column(
            "document_type",
            "Tipo de documento",
            cells.text(documents.MAX_TYPE),
            t("RUT, DNI, RUC, CC, NIT, RFC, CURP, CPF, CNPJ, PASAPORTE, CODIGO u OTROS."),
            "DNI",
            required=True,
            aliases=("tipo documento", "tipo doc", "tipo_doc", "tipo id"),
        ),
        Column(
            "document_number",
            "Número de documento",
            cells.text(documents.MAX_NUMBER),
            t("Único por tipo. Con o sin puntos y guiones."),
            "45210318",
            required=True,
            aliases=("numero documento", "documento", "nro_doc", "nro doc", "numero id fiscal"),
        ),
        Column(
            "first_name",
            "Nombre",
            cells.text(MAX_NAME),
            t("Nombre o razón social. Obligatorio para clientes nuevos."),
            "Ana",
            aliases=("nombres", "razon social", "nombre_titular"),
        ),
        Column("last_name", "Apellido", cells.text(MAX_NAME), t("Apellidos."), "Quispe Mamani",
               aliases=("apellidos",)),
        Column("is_company", "Es empresa", cells.yes_no, t("Sí o No."), "No",
               choices=("Sí", "No")),
        Column("country", "País", country, t("Código de dos letras; vacío: el de la organización."),
               "PE"),
        Column("time_zone", "Zona horaria", time_zone,
               t("Solo si difiere de la principal del país, por ejemplo America/Tijuana.")),
        Column("portfolio", "Cartera", cells.text(120), t("Código o nombre de la cartera."),
               "consumo"),
        Column("adviser", "Asesor ID", cells.text(40), t("Código del asesor asignado."), "A-07",
               aliases=("asesor", "codigo asesor")),
        *CONTACTS,
    ),
    stage=(
        ("portfolio_id", "bigint"),
        ("adviser_id", "bigint"),
        ("document_type", "text"),
        ("document_number", "text"),
        ("document_key", "text"),
        ("first_name", "text"),
        ("last_name", "text"),
        ("sort_key", "text"),
        ("is_company", "boolean"),
        ("country", "text"),
        ("time_zone", "text"),
        ("contacts", "jsonb"),
    ),
    identity=("document_type", "document_key"),
    identity_column="document_number",
    finish=finish,
    classify=bulk.classify_customers,
    apply=bulk.upsert_customers,
    event="customers.imported",
    declare_custom=bulk.declare_customer_fields,
    problems={
        "deleted": Problem(
            "document_number",
            t("El cliente está eliminado"),
            t("Recupérelo en Clientes antes de cargarlo"),
        ),
        "out_of_reach": Problem(
            "document_number",
            t("El cliente es de una cartera a la que usted no tiene acceso"),
            t("Pida acceso a la cartera, o que lo cargue quien lo tiene"),
        ),
        "no_name": Problem(
            "first_name", t("Falta el nombre de un cliente nuevo"), t("Complete el nombre")
        ),
        "no_portfolio": Problem(
            "portfolio",
            t("Falta la cartera de un cliente nuevo"),
            t("Agregue la columna Cartera, o elija la cartera al cargar"),
        ),
    },
)  # fmt: skip


def exported(parameters: Mapping[str, Any], by: User) -> QuerySet[Customer]:
    """The page's rows and order."""
    wanted = CustomerFilter.parse(parameters)
    found = wanted.apply(access.customers_for(by), on=clock.today(settings.current().time_zone))
    column, is_descending = wanted.order
    order = F(column).desc(nulls_last=True) if is_descending else F(column).asc(nulls_last=True)
    return found.order_by(order, "pk")


def _address(kind: ContactKind) -> Subquery:
    points = ContactPoint.objects.filter(customer=OuterRef("pk"), kind=kind, is_usable=True)
    return Subquery(points.order_by("position", "pk").values("value")[:1])


EXPORTED = ExportSheet(
    name="customers",
    title="Clientes",
    columns=(
        ExportColumn("Tipo de documento", "document_type"),
        ExportColumn("Número de documento", "document_number", width=20),
        ExportColumn("Nombre", "first_name", width=26),
        ExportColumn("Apellido", "last_name", width=26),
        ExportColumn("País", "country", width=8),
        ExportColumn("Cartera", "portfolio__name", width=22),
        ExportColumn("Asesor ID", "adviser__external_id"),
        ExportColumn("Asesor", "adviser__name", width=22),
        ExportColumn("Estado", labelled("status", CustomerStatus.choices)),
        ExportColumn("Celular 1", _address(ContactKind.PHONE)),
        ExportColumn("WhatsApp", _address(ContactKind.WHATSAPP)),
        ExportColumn("Correo 1", _address(ContactKind.EMAIL), width=28),
        ExportColumn("Moneda", "standing__currency", width=8),
        ExportColumn("Saldo", "standing__open_amount", "amount"),
        ExportColumn("Vencido", "standing__overdue_amount", "amount"),
        ExportColumn("Deudas abiertas", "standing__open_debts", "integer"),
        ExportColumn("Vencimiento más antiguo", "standing__oldest_due_on", "date", 22),
    ),
    rows=exported,
)

SHEETS = [CUSTOMERS]
EXPORTS = [EXPORTED]
