"""The people of the tests: who they are never changes, so tests read without looking them up."""

from datetime import UTC, datetime

import pytest

from acuerdo.organization import settings
from acuerdo.organization.models import Organization, Portfolio, Role, User
from acuerdo.organization.tests.factories import portfolio, user

# A Wednesday, eleven in the morning in Lima: inside everybody's contact hours.
NOW = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def organization(db: None) -> Organization:
    return settings.current()


@pytest.fixture
def book(organization: Organization) -> Portfolio:
    """The portfolio that everybody but the stranger works."""
    return portfolio("Tarjetas")


@pytest.fixture
def other_book(organization: Organization) -> Portfolio:
    """A portfolio that only the administrator reaches."""
    return portfolio("Hipotecas")


@pytest.fixture
def administrator(organization: Organization) -> User:
    return user(Role.ADMINISTRATOR, name="Ada Administradora")


@pytest.fixture
def supervisor(book: Portfolio) -> User:
    return user(Role.SUPERVISOR, book, name="Saúl Supervisor")


@pytest.fixture
def adviser(book: Portfolio) -> User:
    """The adviser whose customer the overdue one is."""
    return user(Role.ADVISER, book, name="Alba Asesora")


@pytest.fixture
def other_adviser(book: Portfolio) -> User:
    return user(Role.ADVISER, book, name="Óscar Otro")


@pytest.fixture
def auditor(book: Portfolio) -> User:
    return user(Role.AUDITOR, book, name="Inés Auditora")


@pytest.fixture
def stranger(organization: Organization) -> User:
    """An adviser with no portfolio at all."""
    return user(Role.ADVISER, name="Nadie Nada")
