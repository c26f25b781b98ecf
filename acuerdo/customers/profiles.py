"""Who the customer is. One person or company per document, whatever its spelling."""

import unicodedata
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers import documents, facts, segmentation, standing
from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.uniqueness import refused_as

MAX_NAME = 120
MAX_SORT_KEY = 250
EDITABLE = frozenset(
    {
        "portfolio", "document_type", "document_number", "first_name", "last_name", "country",
        "subdivision", "time_zone", "is_company", "custom", "status",
    }
)  # fmt: skip
# What others write of a customer meanwhile stays as it is.
WRITTEN = EDITABLE | {"document_key", "sort_key", "updated_at"}
_ZONES = frozenset(available_timezones())


def sort_key(first_name: str, last_name: str) -> str:
    """The full name in lower case, without accents and double spaces."""
    plain = unicodedata.normalize("NFKD", f"{first_name} {last_name}".lower())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(bare.split())[:MAX_SORT_KEY]


@transaction.atomic
def create(
    *,
    portfolio: Portfolio,
    document_type: str,
    document_number: str,
    first_name: str,
    last_name: str = "",
    country: str,
    time_zone: str = "",
    adviser: User | None = None,
    is_company: bool = False,
    custom: dict[str, Any] | None = None,
    by: User | None,
    at: datetime,
) -> Customer:
    customer = Customer(
        portfolio=portfolio,
        adviser=adviser,
        document_type=document_type,
        document_number=document_number,
        first_name=first_name,
        last_name=last_name,
        country=country,
        time_zone=time_zone,
        is_company=is_company,
        custom=custom or {},
        created_at=at,
        updated_at=at,
    )
    _settle(customer)
    with refused_as(_taken(customer)):
        customer.save(force_insert=True)
    standing.start(customer)
    segmentation.place([customer.pk])
    facts.record("customer.created", customer, by=by, at=at)
    return customer


@transaction.atomic
def update(customer: Customer, *, by: User | None, at: datetime, **changes: Any) -> Customer:
    """Change any of ``EDITABLE``; the adviser changes by ``assignment.assign``."""
    unknown = set(changes) - EDITABLE
    if unknown:
        raise TypeError(f"cannot change {sorted(unknown)}")
    for name, value in changes.items():
        setattr(customer, name, value)
    customer.updated_at = at
    _settle(customer)
    with refused_as(_taken(customer)):
        customer.save(update_fields=WRITTEN)
    standing.copy_owner(customer)
    segmentation.place([customer.pk])
    facts.record("customer.updated", customer, by=by, at=at, fields=sorted(changes))
    return customer


def _settle(customer: Customer) -> None:
    """Bring the fields into their stored form, or refuse."""
    customer.country = customer.country.strip().upper()
    customer.document_type = documents.type_key(customer.document_type)
    customer.document_number = customer.document_number.strip()
    documents.check(customer.document_type, customer.document_number, customer.country)
    customer.document_key = documents.key(customer.document_number)
    customer.first_name = " ".join(customer.first_name.split())
    customer.last_name = " ".join(customer.last_name.split())
    customer.sort_key = sort_key(customer.first_name, customer.last_name)
    _check(customer)
    _check_free(customer)


def _check(customer: Customer) -> None:
    if not customer.first_name or not customer.sort_key:
        raise Refusal("no_name", _("Indique el nombre del cliente."), field="first_name")
    if max(len(customer.first_name), len(customer.last_name)) > MAX_NAME:
        raise Refusal("long_name", _("El nombre tiene más de 120 letras."), field="first_name")
    if len(customer.country) != 2 or not customer.country.isalpha():
        sentence = _("«%s» no es un país. Use su código de dos letras, por ejemplo PE.")
        raise Refusal("bad_country", sentence % customer.country, field="country")
    if customer.time_zone and customer.time_zone not in _ZONES:
        sentence = _("«%s» no es una zona horaria. Use un nombre como America/Lima.")
        raise Refusal("bad_time_zone", sentence % customer.time_zone, field="time_zone")
    if customer.status not in CustomerStatus.values:
        raise Refusal("bad_status", _("El estado no existe."), field="status")


def _check_free(customer: Customer) -> None:
    taken = Customer.objects.filter(
        document_type=customer.document_type, document_key=customer.document_key
    ).exclude(pk=customer.pk)
    if taken.exists():
        raise _taken(customer)


def _taken(customer: Customer) -> Refusal:
    sentence = _("Ya hay un cliente con %(type)s %(number)s.")
    words = {"type": customer.document_type, "number": customer.document_number}
    return Refusal("document_taken", sentence % words, field="document_number", status=409)
