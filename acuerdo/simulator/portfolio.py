"""The invented portfolio, brought in by the same import as a client's own files."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.ledger.models import Debt
from acuerdo.organization.models import User
from acuerdo.simulator.cast import PORTFOLIOS
from acuerdo.simulator.life import ZONES, Life
from acuerdo.spreadsheets import processing, registry, requests

# Before the first message of the past.
LOADED_DAYS_AGO = 70
CUSTOMER_COLUMNS = (
    "document_type", "document_number", "first_name", "last_name", "is_company", "country",
    "time_zone", "portfolio", "adviser", "phone_1", "email_1",
)  # fmt: skip
# A field of the organisation's own: part of its file, and no column of ours.
OWN_FIELDS = {"zona": "Zona de venta"}
SALES_ZONES = ("Norte", "Centro", "Sur")
DEBT_COLUMNS = (
    "document_type", "document_number", "code", "currency", "amount", "issued_on", "due_on",
    "product",
)  # fmt: skip


def bring_in(lives: list[Life], *, by: User, at: datetime) -> None:
    """Import everybody and their debts, and let each life know its rows."""
    loaded_at = at - timedelta(days=LOADED_DAYS_AGO)
    people = map(_customer, lives)
    _import("customers", CUSTOMER_COLUMNS, people, own=OWN_FIELDS, by=by, at=loaded_at)
    debts = [line for each in lives for line in _debts(each)]
    _import("debts", DEBT_COLUMNS, debts, by=by, at=loaded_at + timedelta(minutes=4))
    _introduce(lives)


def _customer(life: Life) -> tuple[str, ...]:
    person = life.person
    return (
        person.document_type,
        person.document_number,
        person.first_name,
        person.last_name,
        "Sí" if person.is_company else "No",
        person.country,
        ZONES[person.country],
        PORTFOLIOS[person.country][1],
        (life.adviser.external_id or "") if life.adviser else "",
        person.phone if life.has_phone else "",
        person.email if life.has_email else "",
        SALES_ZONES[ord(person.document_number[-1]) % len(SALES_ZONES)],
    )


def _debts(life: Life) -> Iterable[tuple[str, ...]]:
    for each in life.instalments:
        yield (
            life.person.document_type,
            life.person.document_number,
            each.code,
            life.currency,
            str(each.amount),
            f"{each.issued_on:%d/%m/%Y}",
            f"{each.due_on:%d/%m/%Y}",
            each.product,
        )


def _import(
    sheet: str,
    columns: tuple[str, ...],
    lines: Iterable[tuple[str, ...]],
    *,
    own: Mapping[str, str] | None = None,
    by: User,
    at: datetime,
) -> None:
    declared = registry.import_sheet(sheet)
    titles = {column.name: column.header for column in declared.columns}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(titles[name] for name in columns), *(own or {}).values()])
    writer.writerows(lines)
    filename = f"{sheet}.csv"
    upload = ContentFile(text.getvalue().encode(), name=filename)
    mapping = {"sheet": sheet, "custom": dict(own)} if own else None
    run = requests.store(
        sheet=sheet, upload=upload, filename=filename, mapping=mapping, by=by, at=at
    )
    processing.check(run, at=at)
    processing.apply(requests.start_applying(run), at=at)
    if run.rejected:
        raise ValueError(f"{sheet}: {run.sample_rejects[:3]}")


def _introduce(lives: list[Life]) -> None:
    """Three queries for everybody."""
    rows = {row.document_number: row for row in Customer.objects.select_related("portfolio")}
    by_customer = {}
    for life in lives:
        life.row = rows[life.person.document_number]
        by_customer[life.row.pk] = life
    for debt in Debt.objects.filter(customer_id__in=by_customer).order_by("due_on"):
        by_customer[debt.customer_id].debts.append(debt)
    for point in ContactPoint.objects.filter(customer_id__in=by_customer).order_by("-position"):
        by_customer[point.customer_id].points[point.kind] = point
