"""Personal data is masked on screens; who sees it whole leaves a trace."""

from datetime import datetime

from django.db import transaction

from acuerdo.customers import facts
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.organization.models import User


@transaction.atomic
def reveal_document(customer: Customer, *, by: User, at: datetime) -> str:
    facts.record("document.revealed", customer, by=by, at=at)
    return customer.document_number


@transaction.atomic
def reveal_contact_point(point: ContactPoint, *, by: User, at: datetime) -> str:
    facts.record("contact_point.revealed", point.customer, subject=point, by=by, at=at)
    return point.value
