"""People and portfolios for tests."""

from itertools import count

from acuerdo.organization.models import Portfolio, PortfolioGrant, PortfolioKind, Role, User

PASSWORD = "Cobranza-amable-2026"
_numbers = count(1)


def portfolio(name: str = "", *, kind: str = PortfolioKind.CURRENT) -> Portfolio:
    number = next(_numbers)
    return Portfolio.objects.create(
        name=name or f"Cartera {number}",
        code=f"cartera-{number}",
        kind=kind,
        whatsapp_consent="Form 14-B",
    )


def user(role: str = Role.ADVISER, *portfolios: Portfolio, name: str = "") -> User:
    """Somebody who signs in with ``PASSWORD`` and may work ``portfolios``."""
    number = next(_numbers)
    created = User(email=f"persona{number}@acuerdo.test", name=name or f"Persona {number}")
    created.role = role
    created.set_password(PASSWORD)
    created.save()
    for granted in portfolios:
        PortfolioGrant.objects.create(user=created, portfolio=granted)
    return created
