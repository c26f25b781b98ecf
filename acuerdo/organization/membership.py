"""A user as one form shows it: who, as what, in which team, for which portfolios."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.organization import users
from acuerdo.organization.models import Portfolio, Team, User
from acuerdo.primitives.refusals import Refusal


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    role: str,
    team: Team | None,
    external_id: str,
    portfolios: Iterable[Portfolio],
    by: User,
    at: datetime,
) -> User:
    """A user without a password, who chooses one by ``invitations.link``."""
    user = users.create(
        email=email, name=name, role=role, team=team, external_id=external_id, by=by, at=at
    )
    _grant(user, portfolios, by=by, at=at)
    return user


@transaction.atomic
def update(
    user: User,
    *,
    name: str,
    role: str,
    team: Team | None,
    external_id: str,
    portfolios: Iterable[Portfolio],
    by: User,
    at: datetime,
) -> User:
    if role != user.role:
        users.change_role(user, role, by=by, at=at)
    users.update(user, name=name, team=team, external_id=external_id, by=by, at=at)
    _grant(user, portfolios, by=by, at=at)
    return user


def deactivate(user: User, *, by: User, at: datetime) -> User:
    if user.pk == by.pk:
        raise Refusal("own_account", _("No puede desactivar su propio usuario."), status=409)
    return users.deactivate(user, by=by, at=at)


def _grant(user: User, portfolios: Iterable[Portfolio], *, by: User, at: datetime) -> None:
    """The portfolios become these; a grant that stays keeps its dates.

    A portfolio that is switched off is not among those to choose from: its grants are not touched,
    so that it comes back with its people.
    """
    wanted = {portfolio.pk: portfolio for portfolio in portfolios}
    held = {
        grant.portfolio_id: grant.portfolio
        for grant in user.grants.filter(portfolio__is_active=True).select_related("portfolio")
    }
    for pk, portfolio in held.items():
        if pk not in wanted:
            users.revoke(user, portfolio, by=by, at=at)
    for pk, portfolio in wanted.items():
        if pk not in held:
            users.grant(user, portfolio, by=by, at=at)
