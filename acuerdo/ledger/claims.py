"""A claim is opened, answered and closed; nothing of it is forgotten.

It does not silence the flow by itself: whoever wants that leaves such customers out.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.customers import facts
from acuerdo.customers.models import Customer
from acuerdo.customers.zones import local_date
from acuerdo.interactions import lifecycle
from acuerdo.interactions.models import FactKind
from acuerdo.ledger.models import CLAIM_MOVES, Claim, ClaimCategory, ClaimStatus, Debt
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import move_to


@transaction.atomic
def open_claim(
    customer: Customer,
    *,
    category: ClaimCategory | str,
    description: str,
    debts: Iterable[Debt] = (),
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
) -> Claim:
    """A customer may have several open at once; each keeps its own history."""
    about = list(debts)
    _check(customer, description, about)
    claim = Claim.objects.create(
        customer=customer,
        category=category,
        description=description.strip(),
        opened_on=local_date(customer, at),
        by=by,
        created_at=at,
    )
    claim.debts.set(about)
    _tell(claim, FactKind.CLAIM, claim.description, by=by, at=at, channel=channel)
    facts.record("claim.opened", customer, subject=claim, by=by, at=at, category=category)
    return claim


@transaction.atomic
def edit(
    claim: Claim,
    *,
    category: ClaimCategory | str,
    description: str,
    debts: Iterable[Debt],
    by: User | None,
    at: datetime,
) -> Claim:
    """Correct an open claim; a closed one is reopened first."""
    about = list(debts)
    _check(claim.customer, description, about)
    changed = Claim.objects.filter(pk=claim.pk, status=ClaimStatus.OPEN).update(
        category=category, description=description.strip()
    )
    if not changed:
        raise Refusal("claim_closed", _("El reclamo ya está cerrado."), status=409)
    claim.debts.set(about)
    claim.refresh_from_db()
    facts.record("claim.edited", claim.customer, subject=claim, by=by, at=at, category=category)
    return claim


@transaction.atomic
def close(claim: Claim, *, resolution: str, by: User | None, at: datetime) -> Claim:
    """Close with what was answered; 409 when somebody was quicker."""
    if not resolution.strip():
        raise Refusal("no_resolution", _("Escriba cómo se resolvió."), field="note")
    move_to(
        claim,
        ClaimStatus.CLOSED,
        table=CLAIM_MOVES,
        resolution=resolution.strip(),
        closed_by=by,
        closed_at=at,
    )
    _tell(claim, FactKind.CLAIM_CLOSED, claim.resolution, by=by, at=at)
    facts.record("claim.closed", claim.customer, subject=claim, by=by, at=at)
    return claim


@transaction.atomic
def reopen(claim: Claim, *, note: str, by: User | None, at: datetime) -> Claim:
    """The answer so far stays on the timeline."""
    if not note.strip():
        raise Refusal("no_note", _("Escriba por qué se reabre."), field="note")
    move_to(claim, ClaimStatus.OPEN, table=CLAIM_MOVES, closed_by=None, closed_at=None)
    _tell(claim, FactKind.CLAIM, note.strip(), by=by, at=at)
    facts.record("claim.reopened", claim.customer, subject=claim, by=by, at=at)
    return claim


def _check(customer: Customer, description: str, debts: Sequence[Debt]) -> None:
    if not description.strip():
        raise Refusal("no_description", _("Describa el reclamo."), field="description")
    if any(debt.customer_id != customer.pk for debt in debts):
        raise Refusal("foreign_debt", _("Una de las órdenes es de otro cliente."), field="debts")


def _tell(
    claim: Claim,
    fact: FactKind,
    words: str,
    *,
    by: User | None,
    at: datetime,
    channel: str = "dashboard",
) -> None:
    lifecycle.record_fact(
        claim.customer,
        fact,
        at=at,
        by=by,
        channel=channel,
        summary=f"{claim.get_category_display()}: {words}",
        subject_id=claim.pk,
    )
