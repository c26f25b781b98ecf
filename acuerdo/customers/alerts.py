"""A sign beside the name that something is the matter. At most one open of each kind."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from acuerdo.customers import facts
from acuerdo.customers.models import Alert, AlertKind, Customer
from acuerdo.events import log
from acuerdo.organization.models import User


def raise_alert(
    customer: Customer, kind: str, *, note: str = "", by: User | None, at: datetime
) -> Alert:
    """An open alert of the same kind takes the new note and moment."""
    raise_many([customer], kind, note=note, by=by, at=at)
    return Alert.objects.get(customer=customer, kind=kind, cleared_at=None)


@transaction.atomic
def raise_many(
    customers: Sequence[Customer],
    kind: str,
    *,
    note: str = "",
    by: User | None = None,
    at: datetime,
) -> None:
    if not customers:
        return
    ids = sorted({customer.pk for customer in customers})
    open_ones = Alert.objects.filter(customer_id__in=ids, kind=AlertKind(kind), cleared_at=None)
    known = set(
        open_ones.select_for_update().order_by("customer_id").values_list("customer_id", flat=True)
    )
    open_ones.update(note=note, raised_at=at, raised_by=by)
    Alert.objects.bulk_create(
        [
            Alert(customer_id=pk, kind=kind, note=note, raised_at=at, raised_by=by)
            for pk in ids
            if pk not in known
        ],
        batch_size=1000,
        # Of two that raise it at once, the second finds it there.
        ignore_conflicts=True,
    )
    log.record_many(_facts("alert.raised", customers, kind), by=by, at=at)


@transaction.atomic
def clear(alert: Alert, *, by: User | None, at: datetime) -> Alert:
    """Clearing what is cleared changes nothing."""
    clear_many([alert.customer], alert.kind, by=by, at=at)
    alert.refresh_from_db()
    return alert


@transaction.atomic
def clear_many(
    customers: Sequence[Customer], kind: str, *, by: User | None = None, at: datetime
) -> None:
    by_id = {customer.pk: customer for customer in customers}
    open_ones = Alert.objects.filter(customer_id__in=by_id, kind=kind, cleared_at=None)
    found = dict(
        open_ones.select_for_update().order_by("customer_id").values_list("customer_id", "pk")
    )
    Alert.objects.filter(pk__in=found.values()).update(cleared_at=at, cleared_by=by)
    log.record_many(_facts("alert.cleared", [by_id[pk] for pk in found], kind), by=by, at=at)


def has_alert(*kinds: str, of: str = "pk") -> Q:
    """An open alert of one of ``kinds``; ``of`` is the column of the row with the customer's id."""
    return Q(Exists(Alert.objects.filter(customer=OuterRef(of), kind__in=kinds, cleared_at=None)))


def _facts(type_: str, customers: Sequence[Customer], kind: str) -> list[log.Fact]:
    """The subject is the open or last alert of that kind."""
    rows = Alert.objects.filter(customer__in=customers, kind=kind).order_by("customer_id", "-pk")
    latest = {alert.customer_id: alert for alert in rows.distinct("customer_id")}
    return [facts.fact(type_, customer, latest[customer.pk], kind=kind) for customer in customers]
