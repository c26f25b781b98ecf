"""What every event about a customer carries, so that the live stream knows who may hear it."""

from datetime import datetime
from typing import Any

from django.db import models

from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.organization.models import User


def record(
    type_: str,
    customer: Customer,
    *,
    subject: models.Model | None = None,
    by: User | None,
    at: datetime,
    **data: Any,
) -> None:
    log.record(
        type_,
        subject=subject or customer,
        customer_id=customer.pk,
        by=by,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
        **data,
    )


def fact(type_: str, customer: Customer, subject: models.Model, **data: Any) -> log.Fact:
    """The same as a value, for callers that record many at once."""
    return log.Fact(
        type_,
        customer_id=customer.pk,
        subject_type=subject._meta.model_name or "",
        subject_id=subject.pk,
        data={"portfolio_id": customer.portfolio_id, "adviser_id": customer.adviser_id, **data},
    )
