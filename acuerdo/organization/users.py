"""Who may sign in, as what, and to which portfolios. One administrator always remains."""

from datetime import date, datetime
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.organization import facts, sessions
from acuerdo.organization.models import Portfolio, PortfolioGrant, Role, Team, User
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.uniqueness import refused_as

EDITABLE = frozenset(
    {
        "email",
        "name",
        "external_id",
        "team",
        "theme",
        "density",
        "language",
        "has_shortcuts",
        "sends_by_enter",
        "own_keys",
    }
)
MAX_NAME = 120
ALWAYS = date(2000, 1, 1)


@transaction.atomic
def create(
    *,
    email: str,
    name: str,
    role: str,
    password: str = "",
    external_id: str = "",
    team: Team | None = None,
    by: User | None,
    at: datetime,
) -> User:
    """Without a password nobody can sign in as this user until one is set."""
    _check_role(role)
    user = User(email=email, name=name, role=role, external_id=external_id, team=team)
    _settle(user)
    _take_password(user, password)
    with refused_as(_taken(user)):
        user.save(force_insert=True)
    facts.record("user.created", subject=user, by=by, at=at, role=role)
    return user


@transaction.atomic
def update(user: User, *, by: User | None, at: datetime, **changes: Any) -> User:
    """Change any of ``EDITABLE``; role, password and activity have operations of their own."""
    unknown = set(changes) - EDITABLE
    if unknown:
        raise TypeError(f"cannot change {sorted(unknown)}")
    for name, value in changes.items():
        setattr(user, name, value)
    _settle(user)
    with refused_as(_taken(user)):
        user.save(update_fields=sorted(changes))
    facts.record("user.updated", subject=user, by=by, at=at, fields=sorted(changes))
    return user


@transaction.atomic
def change_role(user: User, role: str, *, by: User | None, at: datetime) -> User:
    _check_role(role)
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(user)
    user.role = role
    user.save(update_fields=["role"])
    facts.record("user.updated", subject=user, by=by, at=at, fields=["role"], role=role)
    return user


@transaction.atomic
def set_password(user: User, password: str, *, by: User | None, at: datetime) -> User:
    """Every browser signed in with the old password is signed out."""
    _take_password(user, password)
    user.save(update_fields=["password"])
    sessions.end_all(user)
    facts.record("user.updated", subject=user, by=by, at=at, fields=["password"])
    return user


@transaction.atomic
def deactivate(user: User, *, by: User | None, at: datetime) -> User:
    """The user keeps its history and its customers, and is signed out everywhere at once."""
    _keep_an_administrator(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sessions.end_all(user)
    facts.record("user.updated", subject=user, by=by, at=at, fields=["is_active"])
    return user


@transaction.atomic
def reactivate(user: User, *, by: User | None, at: datetime) -> User:
    user.is_active = True
    user.save(update_fields=["is_active"])
    facts.record("user.updated", subject=user, by=by, at=at, fields=["is_active"])
    return user


@transaction.atomic
def grant(
    user: User,
    portfolio: Portfolio,
    *,
    starts_on: date = ALWAYS,
    ends_on: date | None = None,
    by: User | None,
    at: datetime,
) -> PortfolioGrant:
    """Let ``user`` work ``portfolio``; a grant that is there takes the new days."""
    if ends_on is not None and ends_on < starts_on:
        sentence = _("El permiso termina antes de empezar.")
        raise Refusal("grant_ends_early", sentence, field="ends_on")
    given, _made = PortfolioGrant.objects.update_or_create(
        user=user, portfolio=portfolio, defaults={"starts_on": starts_on, "ends_on": ends_on}
    )
    _tell_grants(user, by=by, at=at)
    return given


@transaction.atomic
def revoke(user: User, portfolio: Portfolio, *, by: User | None, at: datetime) -> None:
    PortfolioGrant.objects.filter(user=user, portfolio=portfolio).delete()
    _tell_grants(user, by=by, at=at)


def _tell_grants(user: User, *, by: User | None, at: datetime) -> None:
    portfolios = list(user.grants.order_by("portfolio_id").values_list("portfolio_id", flat=True))
    facts.record(
        "user.updated", subject=user, by=by, at=at, fields=["grants"], portfolios=portfolios
    )


def _keep_an_administrator(user: User) -> None:
    """Of two administrators who remove each other at once, the second is refused."""
    active = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).order_by("pk")
    ids = set(active.select_for_update().values_list("pk", flat=True))
    if ids == {user.pk}:
        sentence = _("Es el último administrador: nombra otro antes.")
        raise Refusal("last_administrator", sentence, field="role", status=409)


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise Refusal("bad_role", _("Ese rol no existe."), field="role")


def _take_password(user: User, password: str) -> None:
    if not password:
        user.set_unusable_password()
        return
    try:
        password_validation.validate_password(password, user)
    except ValidationError as wrong:
        raise Refusal("weak_password", " ".join(wrong.messages), field="password") from None
    user.set_password(password)


def _settle(user: User) -> None:
    user.email = user.email.strip().lower()
    user.name = " ".join(user.name.split())
    user.external_id = (user.external_id or "").strip() or None
    try:
        validate_email(user.email)
    except ValidationError:
        sentence = _("«%s» no es un correo.")
        raise Refusal("bad_email", sentence % user.email, field="email") from None
    if not user.name or len(user.name) > MAX_NAME:
        sentence = _("Indique el nombre, con hasta 120 letras.")
        raise Refusal("no_name", sentence, field="name")
    others = User.objects.exclude(pk=user.pk)
    if others.filter(email__iexact=user.email).exists():
        raise _taken(user)
    if user.external_id and others.filter(external_id=user.external_id).exists():
        sentence = _("Ya hay un usuario con el código %s.")
        words = user.external_id
        raise Refusal("external_id_taken", sentence % words, field="external_id", status=409)


def _taken(user: User) -> Refusal:
    sentence = _("Ya hay un usuario con el correo %s.")
    return Refusal("email_taken", sentence % user.email, field="email", status=409)
