"""Who agreed to be written to on a channel, and the proof of it.

A portfolio tells where all of its customers agreed, a row here where one of them did.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from acuerdo.contact_policy.models import OptIn
from acuerdo.customers.models import Customer
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives.arrays import literal
from acuerdo.primitives.refusals import Refusal


class Consent(NamedTuple):
    """``covers_marketing`` is agreed to by one person at a time, never by a portfolio."""

    is_given: bool = False
    covers_marketing: bool = False


@transaction.atomic
def record(
    customer: Customer,
    *,
    channel: str,
    source: str,
    covers_marketing: bool = False,
    by: User | None,
    at: datetime,
) -> OptIn:
    """Refused without a ``source``: an agreement that nobody can show is none."""
    source = " ".join(source.split())[:200]
    if not source:
        sentence = _("Indique dónde y cómo lo aceptó, para poder demostrarlo.")
        raise Refusal("no_source", sentence, field="source")
    row = OptIn.objects.create(
        customer=customer,
        channel=channel,
        covers_marketing=covers_marketing,
        source=source,
        at=at,
        by=by,
    )
    log.record(
        "opt_in.recorded",
        subject=row,
        customer_id=customer.pk,
        by=by,
        at=at,
        channel=channel,
        covers_marketing=covers_marketing,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
    )
    return row


def given(customer_ids: Iterable[int], *, channel: str) -> dict[int, Consent]:
    """What each of them agreed to on ``channel``, in one query; nothing for whom it leaves out."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, [channel, channel, literal(customer_ids)])
        return {row[0]: Consent(row[1], row[2]) for row in cursor.fetchall()}


# Only WhatsApp has an agreement that a portfolio tells of.
_GIVEN = """
SELECT customer.id,
    count(agreed.id) > 0 OR (%s = 'whatsapp' AND portfolio.whatsapp_consent <> ''),
    coalesce(bool_or(agreed.covers_marketing), false)
FROM customers_customer AS customer
JOIN organization_portfolio AS portfolio ON portfolio.id = customer.portfolio_id
LEFT JOIN contact_policy_optin AS agreed ON agreed.customer_id = customer.id
    AND agreed.channel = %s
WHERE customer.id = ANY(%s::bigint[])
GROUP BY customer.id, portfolio.whatsapp_consent
"""
