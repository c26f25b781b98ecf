"""The creditors' books of debts, by which access is given."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from acuerdo.organization import facts
from acuerdo.organization.models import Portfolio, PortfolioKind, User
from acuerdo.primitives.refusals import Refusal

MAX_NAME = 120


@transaction.atomic
def create(
    *,
    name: str,
    code: str = "",
    creditor: str = "",
    kind: str = PortfolioKind.CURRENT,
    whatsapp_consent: str = "",
    by: User | None,
    at: datetime,
) -> Portfolio:
    """Without a ``code``, files name the portfolio by its name in lower case with dashes."""
    name = " ".join(name.split())
    code = slugify(code or name)[:60]
    if not code or len(name) > MAX_NAME:
        sentence = _("Indique el nombre de la cartera, con hasta 120 letras.")
        raise Refusal("no_name", sentence, field="name")
    if kind not in PortfolioKind.values:
        raise Refusal("bad_kind", _("Ese tipo de cartera no existe."), field="kind")
    taken = Portfolio.objects.filter(name__iexact=name) | Portfolio.objects.filter(code=code)
    if taken.exists():
        sentence = _("Ya hay una cartera «%s».")
        raise Refusal("name_taken", sentence % name, field="name", status=409)
    portfolio = Portfolio.objects.create(
        name=name, code=code, creditor=creditor, kind=kind, whatsapp_consent=whatsapp_consent
    )
    facts.record("portfolio.created", subject=portfolio, by=by, at=at)
    return portfolio


@transaction.atomic
def update(
    portfolio: Portfolio,
    *,
    name: str,
    creditor: str,
    kind: str,
    is_active: bool,
    whatsapp_consent: str = "",
    by: User | None,
    at: datetime,
) -> Portfolio:
    """The code stays: files of the creditor name the portfolio by it."""
    name = " ".join(name.split())
    if Portfolio.objects.filter(name__iexact=name).exclude(pk=portfolio.pk).exists():
        sentence = _("Ya hay una cartera «%s».")
        raise Refusal("name_taken", sentence % name, field="name", status=409)
    portfolio.name, portfolio.creditor, portfolio.kind = name, creditor, kind
    portfolio.is_active, portfolio.whatsapp_consent = is_active, whatsapp_consent
    portfolio.save()
    facts.record("portfolio.updated", subject=portfolio, by=by, at=at)
    return portfolio
