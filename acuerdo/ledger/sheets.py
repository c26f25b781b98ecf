"""Debts and payments as files bring them in."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Trim
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as t

from acuerdo.customers import documents
from acuerdo.ledger import access, bulk
from acuerdo.ledger.debts import MAX_CODE
from acuerdo.ledger.filters import DebtFilter
from acuerdo.ledger.models import Debt, DebtStatus
from acuerdo.ledger.payments import MAX_CODE as MAX_PAYMENT_CODE
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.money import rounded
from acuerdo.spreadsheets import cells
from acuerdo.spreadsheets.sheet import (
    BadCell,
    Column,
    ExportColumn,
    ExportSheet,
    ImportSheet,
    Problem,
    Terms,
    Values,
    labelled,
)

DOCUMENT_TYPE = Column(
    "document_type",
    "Tipo de documento",
    cells.text(documents.MAX_TYPE),
    t("El del cliente. Sin él, el número tiene que ser de un solo cliente."),
    "DNI",
    aliases=("tipo documento", "tipo doc", "tipo_doc", "tipo id"),
)
CURRENCY = Column(
    "currency",
    "Moneda",
    cells.currency,
    t("Código de tres letras; vacío: la de la organización."),
    "PEN",
    aliases=("mon", "divisa"),
)
DOCUMENT_ALIASES = ("numero documento", "documento", "nro_doc", "nro doc", "numero id fiscal")
DEBT_ALIASES = ("codigo", "codigo de orden", "cod_credito", "codigo deuda")
PROBLEMS = {
    "no_customer": Problem(
        "document_number",
        t("Ningún cliente a su alcance tiene ese documento"),
        t("Cargue primero el cliente, o corrija el documento"),
    ),
    "several_customers": Problem(
        "document_number",
        t("Varios clientes tienen ese número con otro tipo de documento"),
        t("Agregue la columna Tipo de documento"),
    ),
    "other_customer": Problem(
        "document_number", t("La deuda es de otro cliente"), t("Corrija el documento o el código")
    ),
    "other_currency": Problem(
        "currency", t("La deuda está en otra moneda"), t("Use la moneda de la deuda")
    ),
}


def _document(values: Values) -> tuple[str | None, str | None]:
    kind, number = values.get("document_type"), values.get("document_number")
    return documents.type_key(kind) if kind else None, documents.key(number) if number else None


def _check_unit(amount: Decimal | None, values: Values, terms: Terms, column: str) -> None:
    currency = values.get("currency") or terms.organization.currency
    if amount is not None and rounded(amount, currency) != amount:
        raise BadCell(
            _("El monto tiene más decimales que los de %s") % currency,
            _("Redondee el monto o corrija la moneda"),
            column=column,
        )


def finish_debt(terms: Terms) -> Callable[[Values], Sequence[Any]]:
    def row(values: Values) -> Sequence[Any]:
        amount, balance = values.get("amount"), values.get("balance")
        if amount is None and balance is None:
            raise BadCell(_("Falta el monto"), _("Complete el monto o el saldo"), column="amount")
        _check_unit(amount, values, terms, "amount")
        _check_unit(balance, values, terms, "balance")
        issued_on, due_on = values.get("issued_on"), values["due_on"]
        if issued_on is not None and issued_on > due_on:
            raise BadCell(
                _("La deuda vence antes de su emisión"),
                _("Corrija una de las dos fechas"),
                column="due_on",
            )
        return (
            *_document(values),
            values["code"],
            values.get("currency"),
            amount,
            balance,
            issued_on,
            due_on,
            values.get("product"),
        )

    return row


def finish_payment(terms: Terms) -> Callable[[Values], Sequence[Any]]:
    def row(values: Values) -> Sequence[Any]:
        if not values.get("document_number") and not values.get("debt_code"):
            raise BadCell(
                _("Falta de quién es el pago"),
                _("Complete el documento del cliente o el código de la deuda"),
                column="document_number",
            )
        if values["paid_on"] > terms.on:
            raise BadCell(
                _("La fecha del pago está en el futuro"), _("Corrija la fecha"), column="paid_on"
            )
        _check_unit(values["amount"], values, terms, "amount")
        return (
            *_document(values),
            values.get("debt_code"),
            values["code"],
            values.get("currency"),
            values["amount"],
            values["paid_on"],
            values.get("method"),
            values.get("reference"),
        )

    return row


DEBTS = ImportSheet(
    name="debts",
    title="Deudas",
    columns=(
        DOCUMENT_TYPE,
        Column(
            "document_number",
            "Número de documento",
            cells.text(documents.MAX_NUMBER),
            t("El del cliente que debe; tiene que estar cargado."),
            "45210318",
            required=True,
            aliases=DOCUMENT_ALIASES,
        ),
        Column(
            "code",
            "Código de deuda",
            cells.text(MAX_CODE),
            t("Único. La misma deuda se reconoce por él en la carga siguiente."),
            "CR-208841",
            required=True,
            aliases=DEBT_ALIASES,
        ),
        CURRENCY,
        Column("amount", "Monto", cells.amount,
               t("Monto original. Obligatorio si no hay saldo."), "1245.90",
               aliases=("importe", "monto original")),
        Column("balance", "Saldo pendiente", cells.balance,
               t("Solo si su sistema carga saldos: la diferencia se registra como ajuste."),
               aliases=("saldo", "saldo_total")),
        Column("issued_on", "Fecha de emisión", cells.day, t("Día/mes/año."), "16/09/2026",
               aliases=("emision", "fecha emision")),
        Column(
            "due_on",
            "Vencimiento",
            cells.day,
            t("Día/mes/año."),
            "16/10/2026",
            required=True,
            aliases=("fecha de vencimiento", "fec_vcto", "fecha vencimiento"),
        ),
        Column("product", "Producto", cells.text(80), t("Por ejemplo Tarjeta o Préstamo."),
               "Tarjeta"),
    ),
    stage=(
        ("document_type", "text"),
        ("document_key", "text"),
        ("code", "text"),
        ("currency", "text"),
        ("amount", "numeric(18,2)"),
        ("balance", "numeric(18,2)"),
        ("issued_on", "date"),
        ("due_on", "date"),
        ("product", "text"),
    ),
    identity=("code",),
    identity_column="code",
    finish=finish_debt,
    classify=bulk.classify_debts,
    apply=bulk.upsert_debts,
    event="debts.imported",
    declare_custom=bulk.declare_debt_fields,
    problems=PROBLEMS
    | {
        "nothing_owed": Problem(
            "balance", t("Una deuda nueva no puede tener saldo cero"), t("Quite la fila")
        ),
        "closed": Problem(
            "code",
            t("La deuda está anulada o es incobrable"),
            t("Reábrala antes de cambiar su monto"),
        ),
        "below_paid": Problem(
            "amount",
            t("El monto es menor que lo ya pagado"),
            t("Corrija el monto, o cargue el saldo"),
        ),
    },
)  # fmt: skip

PAYMENTS = ImportSheet(
    name="payments",
    title="Pagos",
    columns=(
        Column(
            "code",
            "Código de pago",
            cells.text(MAX_PAYMENT_CODE),
            t("Único. El mismo código nunca se registra dos veces."),
            "PG-10023",
            required=True,
            aliases=("codigo", "numero de operacion", "nro operacion"),
        ),
        DOCUMENT_TYPE,
        Column("document_number", "Número de documento", cells.text(documents.MAX_NUMBER),
               t("El del cliente que pagó. Puede faltar si se nombra la deuda."), "45210318",
               aliases=DOCUMENT_ALIASES),
        Column("debt_code", "Código de deuda", cells.text(MAX_CODE),
               t("La deuda que paga. Vacío: las más antiguas primero."), "CR-208841",
               aliases=("codigo de orden", "codigo deuda", "cod_credito")),
        CURRENCY,
        Column("amount", "Monto", cells.amount, t("Mayor que cero."), "400.00", required=True,
               aliases=("importe", "monto pagado")),
        Column("paid_on", "Fecha de pago", cells.day, t("Día/mes/año."), "20/10/2026",
               required=True, aliases=("fecha", "fecha pago")),
        Column("method", "Medio de pago", cells.text(60), t("Por ejemplo Transferencia."),
               "Transferencia", aliases=("metodo", "medio")),
        Column("reference", "Referencia", cells.text(120), t("Número de operación u otra."),
               "OP 88123"),
    ),
    stage=(
        ("document_type", "text"),
        ("document_key", "text"),
        ("debt_code", "text"),
        ("code", "text"),
        ("currency", "text"),
        ("amount", "numeric(18,2)"),
        ("paid_on", "date"),
        ("method", "text"),
        ("reference", "text"),
    ),
    identity=("code",),
    identity_column="code",
    finish=finish_payment,
    classify=bulk.classify_payments,
    apply=bulk.post_payments,
    event="payments.imported",
    problems=PROBLEMS
    | {
        "no_debt": Problem(
            "debt_code", t("No hay una deuda con ese código"), t("Cargue primero la deuda")
        ),
        "code_taken": Problem(
            "code",
            t("Ya hay un pago con ese código y otros datos"),
            t("Un pago no se edita: anúlelo y cargue uno con otro código"),
        ),
    },
)  # fmt: skip


def exported(parameters: Mapping[str, Any], by: User) -> QuerySet[Debt]:
    """The page's rows and order."""
    wanted = DebtFilter.parse(parameters)
    found = wanted.apply(access.debts_for(by), on=clock.today(settings.current().time_zone))
    column, is_descending = wanted.order
    sign = "-" if is_descending else ""
    return found.order_by(f"{sign}{column}", f"{sign}pk")


EXPORTED = ExportSheet(
    name="debts",
    title="Deudas",
    columns=(
        ExportColumn("Tipo de documento", "customer__document_type"),
        ExportColumn("Número de documento", "customer__document_number", width=20),
        ExportColumn(
            "Cliente",
            Trim(Concat("customer__first_name", Value(" "), "customer__last_name")),
            width=30,
        ),
        ExportColumn("Código de deuda", "code", width=20),
        ExportColumn("Producto", "product"),
        ExportColumn("Moneda", "currency", width=8),
        ExportColumn("Monto", "amount", "amount"),
        ExportColumn("Saldo pendiente", "balance", "amount"),
        ExportColumn("Fecha de emisión", "issued_on", "date", 14),
        ExportColumn("Vencimiento", "due_on", "date", 14),
        ExportColumn("Estado", labelled("status", DebtStatus.choices)),
        ExportColumn("Cartera", "customer__portfolio__name", width=22),
        ExportColumn("Asesor", "customer__adviser__name", width=22),
    ),
    rows=exported,
)

SHEETS = [DEBTS, PAYMENTS]
EXPORTS = [EXPORTED]
