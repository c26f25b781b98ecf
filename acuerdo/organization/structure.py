"""Teams, portfolios and closed days: what the installation is divided into."""

from datetime import date
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models.deletion import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from acuerdo.organization.models import Holiday, Portfolio, Team
from acuerdo.primitives.refusals import Refusal

Row = TypeVar("Row", Team, Portfolio, Holiday)


def save_team(team: Team, *, name: str) -> Team:
    team.name = name
    return _unique(team, _("Ya hay un equipo con este nombre."), field="name")


def remove_team(team: Team) -> None:
    """Its members stay, without a team."""
    team.delete()


def save_portfolio(
    portfolio: Portfolio, *, name: str, code: str, creditor: str, kind: str, is_active: bool
) -> Portfolio:
    """``code`` is what files name the portfolio by; made of the name where it is empty."""
    portfolio.name, portfolio.creditor, portfolio.kind = name, creditor, kind
    portfolio.code = code or slugify(name)[:60]
    portfolio.is_active = is_active
    if not portfolio.code:
        raise Refusal("no_code", _("Escriba un código con letras o números."), field="code")
    return _unique(portfolio, _("Ya hay una cartera con este nombre o código."), field="name")


def remove_portfolio(portfolio: Portfolio) -> None:
    try:
        portfolio.delete()
    except ProtectedError as error:
        raise Refusal(
            "portfolio_in_use",
            _("La cartera tiene clientes: desactívela en lugar de quitarla."),
            status=409,
        ) from error


def add_holiday(*, country: str, on: date, name: str) -> Holiday:
    return _unique(
        Holiday(country=country, on=on, name=name),
        _("Ese día ya está marcado como feriado."),
        field="on",
    )


def remove_holiday(holiday: Holiday) -> None:
    holiday.delete()


def _unique(row: Row, sentence: str, *, field: str) -> Row:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refusal("already_there", sentence, field=field, status=409) from error
    return row
