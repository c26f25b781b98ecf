"""Whose customer it is: who may write, who may take it over, and who gives it to whom."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from acuerdo.conversations import inbox
from acuerdo.customers import assignment
from acuerdo.customers.models import Customer
from acuerdo.organization import settings
from acuerdo.organization.models import ReplyRule, Role, User
from acuerdo.organization.permissions import may
from acuerdo.primitives.refusals import Refusal


def refusal(user: User, customer: Customer) -> Refusal | None:
    """Why ``user`` may not write to ``customer`` by the rule of the house; None where they may."""
    rule = settings.current().reply_rule
    if rule == ReplyRule.ANYONE or customer.adviser_id == user.pk:
        return None
    return Refusal("not_the_owner", _sentence(user, customer, rule), status=409)


def refused(user: User, customers: Iterable[Customer]) -> set[int]:
    """Those of ``customers`` for whom ``refusal`` has a reason, by one look at the rule."""
    if settings.current().reply_rule == ReplyRule.ANYONE:
        return set()
    return {customer.pk for customer in customers if customer.adviser_id != user.pk}


def require(user: User, customer: Customer) -> None:
    """Raises the ``refusal``, where there is one."""
    found = refusal(user, customer)
    if found is not None:
        raise found


def _sentence(user: User, customer: Customer, rule: str) -> str:
    if customer.adviser is None:
        if may_take(user, customer):
            return _("Nadie atiende a este cliente. Tómelo para escribirle.")
        return _("Nadie atiende a este cliente todavía.")
    name = customer.adviser.name
    if rule == ReplyRule.TAKE_FIRST:
        return _("Lo atiende %(name)s. Tómelo para escribirle.") % {"name": name}
    return _("Solo %(name)s puede escribirle. Puede dejar una nota.") % {"name": name}


def may_take(user: User, customer: Customer) -> bool:
    """What is nobody's may be taken by whoever works here; from a colleague, by the rule."""
    if customer.adviser_id == user.pk or not may(user, "customers.take"):
        return False
    if customer.adviser_id is None or may(user, "customers.assign"):
        return True
    return settings.current().reply_rule == ReplyRule.TAKE_FIRST


def candidates(customer: Customer) -> QuerySet[User]:
    """Whom the customer may be given to: those who work its portfolio."""
    people = User.objects.filter(is_active=True, grants__portfolio_id=customer.portfolio_id)
    return people.exclude(role=Role.AUDITOR).distinct()


@transaction.atomic
def take(customer: Customer, *, was: int | None, by: User, at: datetime) -> Customer:
    """``by`` becomes the adviser; of two who take it at once, the second is refused."""
    row = _unchanged(customer, was, by=by)
    if row.adviser_id == by.pk:
        return row
    if not may_take(by, row):
        raise Refusal("not_takeable", _("Pida a un supervisor que se lo asigne."), status=403)
    return _given(row, by, by=by, at=at)


@transaction.atomic
def assign(
    customer: Customer, adviser: User | None, *, was: int | None, by: User, at: datetime
) -> Customer:
    """``was`` is the adviser that whoever assigns had before their eyes."""
    return _given(_unchanged(customer, was, by=by), adviser, by=by, at=at)


def locked(customer: Customer) -> Customer:
    """The row as it is now, held until the transaction ends: whoever sends, takes turns."""
    rows = Customer.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("portfolio", "adviser", "standing").get(pk=customer.pk)


def _unchanged(customer: Customer, was: int | None, *, by: User) -> Customer:
    row = locked(customer)
    if row.adviser_id not in (was, by.pk):
        name = row.adviser.name if row.adviser else _("nadie")
        sentence = _("Entretanto pasó a %(name)s. Revise y decida otra vez.") % {"name": name}
        raise Refusal("taken_meanwhile", sentence, status=409)
    return row


def _given(row: Customer, adviser: User | None, *, by: User, at: datetime) -> Customer:
    if row.adviser_id == (adviser.pk if adviser else None):
        return row
    assignment.assign(row, adviser, by=by, at=at)
    # The list reads its own copies: the new adviser sees the row with the next request.
    inbox.follow_customers([row.pk])
    return row
