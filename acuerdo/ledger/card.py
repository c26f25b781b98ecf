"""Who a customer is: the document, how to reach them, and what they owe, debt by debt."""

from dataclasses import dataclass
from datetime import datetime

from acuerdo.customers import pauses
from acuerdo.customers.models import Alert, ContactPoint, Customer, CustomField, Pause
from acuerdo.ledger import composition
from acuerdo.ledger.composition import Owed


@dataclass(frozen=True, slots=True)
class Card:
    """``custom`` are the organisation's own fields that this customer has, with their labels."""

    owed: Owed
    points: list[ContactPoint]
    alerts: list[Alert]
    pause: Pause | None
    custom: list[tuple[str, object]]


def of(customer: Customer, *, at: datetime) -> Card:
    return Card(
        owed=composition.of(customer, at=at),
        points=list(customer.contact_points.order_by("role", "position", "pk")),
        alerts=list(customer.alerts.filter(cleared_at=None).order_by("-raised_at")),
        pause=pauses.running(customer),
        custom=_custom(customer),
    )


def _custom(customer: Customer) -> list[tuple[str, object]]:
    labels = dict(CustomField.objects.filter(level="customer").values_list("key", "label"))
    return [(labels.get(key, key), value) for key, value in customer.custom.items() if value]
