"""The only door from a request to a permission, and to the rows a user may reach."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase

from acuerdo.organization import reading, settings
from acuerdo.organization.models import PortfolioGrant, Role, User
from acuerdo.organization.permissions import may
from acuerdo.primitives import clock

P = ParamSpec("P")
Answer = TypeVar("Answer", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], Answer]


def requires(permission: str) -> Callable[[View[P, Answer]], View[P, Answer]]:
    """Let a view run only for a signed-in user who holds ``permission`` (else 403)."""

    def decorate(view: View[P, Answer]) -> View[P, Answer]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> Answer:
            if not may(actor(request), permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        return login_required(checked)  # type: ignore[return-value]

    return decorate


def actor(request: HttpRequest) -> User:
    """The signed-in user of ``request``; raises PermissionDenied for anybody else."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@dataclass(frozen=True)
class Scope:
    """The part of the customers that a user may reach.

    ``portfolios`` is None for every portfolio; ``advisers`` None for every adviser.
    """

    portfolios: frozenset[int] | None
    advisers: frozenset[int] | None
    unassigned: bool

    def condition(self, prefix: str = "") -> Q:
        """As a filter on rows that carry ``portfolio_id`` and ``adviser_id`` after ``prefix``."""
        found = Q()
        if self.portfolios is not None:
            found &= Q(**{f"{prefix}portfolio_id__in": sorted(self.portfolios)})
        if self.advisers is not None:
            mine = Q(**{f"{prefix}adviser_id__in": sorted(self.advisers)})
            if self.unassigned:
                mine |= Q(**{f"{prefix}adviser_id__isnull": True})
            found &= mine
        return found

    def allows(self, *, portfolio_id: int, adviser_id: int | None) -> bool:
        if self.portfolios is not None and portfolio_id not in self.portfolios:
            return False
        if self.advisers is None:
            return True
        return self.unassigned if adviser_id is None else adviser_id in self.advisers


def scope(user: User, *, on: date | None = None) -> Scope:
    """What ``user`` may reach on the date ``on`` (today in the organisation's zone)."""
    return reading.once(("scope", user.pk, on), lambda: _scope(user, on))


def readers_of(
    *, portfolio_id: int, adviser_id: int | None, on: date | None = None
) -> QuerySet[User]:
    """Everybody whose ``scope`` reaches a customer of this portfolio and adviser, in one query."""
    organization = settings.current()
    day = on or clock.today(organization.time_zone)
    granted = PortfolioGrant.objects.filter(portfolio_id=portfolio_id, starts_on__lte=day).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    )
    # Nobody's customer is everybody's, or nobody's: no id is null.
    own = Q(pk=adviser_id) if adviser_id else Q(pk__isnull=not organization.advisers_see_unassigned)
    if adviser_id and organization.advisers_see_team:
        own |= Q(team__in=User.objects.filter(pk=adviser_id, team__isnull=False).values("team"))
    reached = Q(pk__in=granted.values("user_id")) & (~Q(role=Role.ADVISER) | own)
    return User.objects.filter(Q(role=Role.ADMINISTRATOR) | reached, is_active=True)


def _scope(user: User, on: date | None) -> Scope:
    if user.role == Role.ADMINISTRATOR and user.is_active:
        return Scope(portfolios=None, advisers=None, unassigned=True)
    organization = settings.current()
    day = on or clock.today(organization.time_zone)
    grants = user.grants.filter(starts_on__lte=day).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    )
    portfolios = frozenset(grants.values_list("portfolio_id", flat=True))
    if user.role != Role.ADVISER:
        return Scope(portfolios=portfolios, advisers=None, unassigned=True)
    advisers = {user.pk}
    if organization.advisers_see_team and user.team_id:
        advisers |= set(User.objects.filter(team_id=user.team_id).values_list("pk", flat=True))
    return Scope(portfolios, frozenset(advisers), organization.advisers_see_unassigned)
