"""What a customer sees of their account. Nothing of a debt is said before we know who reads.

Whoever holds the link proves it with the end of their document; after some wrong answers the
page rests for a while, whoever asks, and longer each time: four signs are soon tried out.
"""

import hmac
from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers.models import Customer
from acuerdo.customers.zones import local_date, zone_of
from acuerdo.events import log
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind, Interaction, Origin
from acuerdo.ledger.models import PayPage
from acuerdo.organization import settings
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

DIGITS = 4
MOST_TRIES = 5
REST, LONGEST_REST = timedelta(hours=1), timedelta(days=1)
# For how long an answer once given is proof enough to fetch the paper.
PROOF = timedelta(minutes=20)
_SALT = "acuerdo.pay_page"


def company(customer: Customer) -> str:
    return customer.portfolio.creditor or settings.current().name


def prove(customer: Customer, answer: str, *, at: datetime) -> str:
    """Raises Refusal for a wrong answer, or for any while the page rests. Gives a proof of it."""
    wrong = _settle(customer, answer, at=at)
    if wrong:
        raise wrong
    return signing.dumps(customer.pk, salt=_SALT)


def again() -> str:
    return _("Abra de nuevo su enlace y escriba otra vez el final de su documento.")


def is_proven(customer: Customer, proof: str) -> bool:
    try:
        return bool(signing.loads(proof, salt=_SALT, max_age=PROOF) == customer.pk)
    except signing.BadSignature:
        return False


@transaction.atomic
def tell_paper(customer: Customer, *, at: datetime) -> None:
    """That the statement was fetched as a PDF; two presses at once come one after the other."""
    _held(customer)
    _tell_once(customer, FactKind.PORTAL_STATEMENT, "", at=at)


def _tell_once(customer: Customer, step: FactKind, summary: str, *, at: datetime) -> None:
    """A step is one line of the timeline for each of the customer's days."""
    today = clock.midnight(local_date(customer, at), zone_of(customer))
    if not Interaction.objects.filter(customer=customer, fact=step, at__gte=today).exists():
        lifecycle.record_fact(
            customer, step, at=at, by=None, channel="portal", origin=Origin.SYSTEM, summary=summary
        )


def _held(customer: Customer) -> PayPage:
    PayPage.objects.get_or_create(customer=customer)
    return PayPage.objects.select_for_update().get(pk=customer.pk)


@transaction.atomic
def _settle(customer: Customer, answer: str, *, at: datetime) -> Refusal | None:
    """Counted under a lock, and kept: what raises would take the count back with it."""
    page = _held(customer)
    if page.blocked_until and page.blocked_until > at:
        sentence = _("Demasiados intentos. Pruebe otra vez más tarde.")
        return Refusal("too_many_tries", sentence, status=429)
    if not _is_right(customer, answer):
        page.tries += 1
        if page.tries % MOST_TRIES == 0:
            page.blocked_until = at + _rest(page.tries // MOST_TRIES)
        page.save(update_fields=["tries", "blocked_until"])
        sentence = _("No coincide con su documento. Revise y pruebe otra vez.")
        return Refusal("wrong_answer", sentence, field="answer", status=422)
    _open(page, customer, at=at)
    return None


def _rest(times: int) -> timedelta:
    """Twice as long each time until a right answer, up to a day."""
    return min(REST * (1 << min(times - 1, 10)), LONGEST_REST)


def _is_right(customer: Customer, answer: str) -> bool:
    told = "".join(sign for sign in answer.upper() if sign.isalnum())[-DIGITS:]
    wanted = customer.document_key[-DIGITS:]
    if len(wanted) < DIGITS:
        return False
    return hmac.compare_digest(told.encode(), wanted.encode())


def _open(page: PayPage, customer: Customer, *, at: datetime) -> None:
    page.tries, page.blocked_until, page.opened_at = 0, None, at
    page.save(update_fields=["tries", "blocked_until", "opened_at"])
    _tell_once(customer, FactKind.PORTAL_LOGIN, _("Abrió su enlace."), at=at)
    log.record(
        "pay_page.opened",
        customer_id=customer.pk,
        at=at,
        portfolio_id=customer.portfolio_id,
        adviser_id=customer.adviser_id,
    )
