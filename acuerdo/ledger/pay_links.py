"""The link to a customer's own page: signed, short-lived, and ended all at once.

No row is kept for a link. It says whose page it is, of which generation and until which day,
and nobody without the installation's key can make one or change it.
"""

import base64
import binascii
import hmac
import struct
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from acuerdo.customers.models import Customer, CustomerStatus
from acuerdo.events import log
from acuerdo.ledger.models import PayPage
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

LIFETIME = timedelta(days=30)
PAGE, STATEMENT = "pay_page", "pay_page_statement"
# Days are counted from here, so that two bytes hold them until 2205.
_DAY_ZERO = date(2026, 1, 1)
_HEAD = struct.Struct(">HH")
# Eighty bits: nobody guesses one over the net.
_SIGNATURE_BYTES = 10


def url(customer: Customer, *, at: datetime, name: str = PAGE) -> str:
    return urls([customer.pk], at=at, name=name)[customer.pk]


def urls(customer_ids: Iterable[int], *, at: datetime, name: str = PAGE) -> dict[int, str]:
    """A link for each customer, with one query whatever their number."""
    ids = list(customer_ids)
    found = PayPage.objects.filter(pk__in=ids).values_list("pk", "generation")
    generations = dict(found)
    last = (at + LIFETIME).astimezone(UTC).date()
    return {
        pk: str(settings.BASE_URL)
        + reverse(name, args=[_token(pk, generation=generations.get(pk, 0), last=last)])
        for pk in ids
    }


def read(token: str, *, at: datetime) -> Customer:
    """Whose link it is. Refusal (404) for what we never made, 410 for what is over."""
    body = _body(token)
    if body is None:
        raise Refusal("unknown_link", _("Este enlace no es válido."), status=404)
    generation, days = _HEAD.unpack_from(body)
    pk = int.from_bytes(body[_HEAD.size :])
    customer = Customer.objects.filter(pk=pk).select_related("portfolio").first()
    if customer is None:
        raise Refusal("unknown_link", _("Este enlace no es válido."), status=404)
    current = PayPage.objects.filter(pk=pk).values_list("generation", flat=True).first() or 0
    is_over = at.astimezone(UTC).date() > _DAY_ZERO + timedelta(days=days)
    if is_over or generation != current or customer.status == CustomerStatus.DELETED:
        raise Refusal("ended_link", _("Este enlace ya no está vigente."), status=410)
    return customer


@transaction.atomic
def revoke(customer: Customer, *, by: User, at: datetime) -> None:
    """End every link given out so far; those made from now on hold."""
    page, _made = PayPage.objects.get_or_create(customer=customer)
    page = PayPage.objects.select_for_update().get(pk=page.pk)
    page.generation += 1
    # Whoever guessed holds a link that is over: the next one begins with a clean slate.
    page.tries, page.blocked_until = 0, None
    page.save(update_fields=["generation", "tries", "blocked_until"])
    log.record(
        "pay_links.revoked",
        customer_id=customer.pk,
        by=by,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
    )


def _token(pk: int, *, generation: int, last: date) -> str:
    days = min(max((last - _DAY_ZERO).days, 0), 0xFFFF)
    body = _HEAD.pack(generation, days) + pk.to_bytes(max((pk.bit_length() + 7) // 8, 1))
    return base64.urlsafe_b64encode(body + _signature(body)).decode().rstrip("=")


def _body(token: str) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error):
        return None
    body, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    fits = _HEAD.size < len(body) <= _HEAD.size + 7
    return body if fits and hmac.compare_digest(_signature(body), signature) else None


def _signature(body: bytes) -> bytes:
    key = settings.SECRET_KEY.encode()
    return hmac.digest(key, b"acuerdo pay page:" + body, "sha256")[:_SIGNATURE_BYTES]
