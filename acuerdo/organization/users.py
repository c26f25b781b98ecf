"""Somebody who works here. At least one active administrator always remains."""

from collections.abc import Iterable

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from acuerdo.organization.models import Portfolio, PortfolioGrant, Role, Team, User
from acuerdo.primitives.refusals import Refusal


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    role: str,
    team: Team | None = None,
    external_id: str = "",
    portfolios: Iterable[Portfolio] = (),
) -> User:
    """A user without a password, who chooses one through ``invitation_link``."""
    if User.objects.filter(email__iexact=email).exists():
        raise Refusal("email_taken", _("Ya hay un usuario con este correo."), field="email")
    user = User(email=email.lower(), name=name, role=role, team=team)
    user.external_id = external_id or None
    user.set_unusable_password()
    _store(user)
    _grant(user, portfolios)
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
) -> None:
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(user)
    user.name, user.role, user.team = name, role, team
    user.external_id = external_id or None
    _store(user)
    _grant(user, portfolios)


@transaction.atomic
def deactivate(user: User, *, by: User) -> None:
    """The user's open sessions end with the next request of each."""
    if user.pk == by.pk:
        raise Refusal("own_account", _("No puede desactivar su propio usuario."), status=409)
    _keep_an_administrator(user)
    User.objects.filter(pk=user.pk).update(is_active=False)


def activate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)


def invitation_link(user: User) -> str:
    """Where ``user`` chooses a password; good for one use, for some days."""
    key = default_token_generator.make_token(user)
    path = reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )
    return f"{django_settings.BASE_URL}{path}"


def _store(user: User) -> None:
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Refusal(
            "code_taken", _("Otro usuario ya tiene este código."), field="external_id"
        ) from error


def _keep_an_administrator(user: User) -> None:
    # Locked, so that two administrators cannot remove each other at the same moment.
    administrators = User.objects.select_for_update().filter(
        role=Role.ADMINISTRATOR, is_active=True
    )
    if set(administrators.values_list("pk", flat=True)) == {user.pk}:
        raise Refusal(
            "last_administrator",
            _("Es el único administrador activo: nombre a otro antes."),
            field="role",
            status=409,
        )


def _grant(user: User, portfolios: Iterable[Portfolio]) -> None:
    """Grants are replaced as a set; one that stays keeps its dates."""
    wanted = {portfolio.pk for portfolio in portfolios}
    user.grants.exclude(portfolio_id__in=wanted).delete()
    PortfolioGrant.objects.bulk_create(
        [PortfolioGrant(user=user, portfolio_id=pk) for pk in sorted(wanted)],
        ignore_conflicts=True,
    )


def choose_columns(user: User, screen: str, columns: list[str]) -> None:
    """Remember the columns of one screen; an empty list brings back the usual ones."""
    user.columns = {**user.columns, screen: columns}
    user.save(update_fields=["columns"])
