"""A customer who can be written to, and messages for tests."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from acuerdo.conversations import outbox
from acuerdo.conversations.models import Message
from acuerdo.customers.models import ContactPoint, Customer, Standing
from acuerdo.organization import settings
from acuerdo.organization.models import Portfolio, PortfolioGrant, Role, User
from acuerdo.primitives import phone

# A Tuesday, ten in the morning in Lima.
NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
_numbers = count(1)


def portfolio(code: str = "retail") -> Portfolio:
    settings.current()
    found, _made = Portfolio.objects.get_or_create(
        code=code, defaults={"name": code.title(), "creditor": "Tiendas Sol"}
    )
    return found


def user(role: str = Role.ADVISER, *portfolios: Portfolio) -> User:
    number = next(_numbers)
    row = User.objects.create(email=f"u{number}@example.com", name=f"Usuario {number}", role=role)
    for each in portfolios:
        PortfolioGrant.objects.create(user=row, portfolio=each)
    return row


def customer(
    *, first_name: str = "Ana", book: Portfolio | None = None, adviser: User | None = None
) -> Customer:
    """Someone of Lima who owes S/ 150.00 since 1 March 2026, with a phone and an e-mail."""
    number = next(_numbers)
    row = Customer.objects.create(
        portfolio=book or portfolio(),
        adviser=adviser,
        document_type="DNI",
        document_number=f"4{number:07d}",
        document_key=f"4{number:07d}",
        first_name=first_name,
        last_name="Quispe",
        sort_key=f"{first_name} quispe".lower(),
        country="PE",
        time_zone="America/Lima",
        created_at=NOW,
        updated_at=NOW,
    )
    _point(row, "phone", f"+519{number:08d}")
    _point(row, "email", f"ana{number}@example.com")
    Standing.objects.create(
        customer=row,
        portfolio_id=row.portfolio_id,
        adviser_id=row.adviser_id,
        currency="PEN",
        open_amount=Decimal("150.00"),
        overdue_amount=Decimal("150.00"),
        oldest_due_on=date(2026, 3, 1),
        open_debts=1,
        as_of=date(2026, 3, 10),
    )
    return row


def _point(owner: Customer, kind: str, value: str) -> ContactPoint:
    key = value if kind == "email" else phone.key(value)
    return ContactPoint.objects.create(
        customer=owner, kind=kind, value=value, key=key, created_at=NOW
    )


def phone_of(owner: Customer) -> ContactPoint:
    return owner.contact_points.get(kind="phone")


def queued(owner: Customer, **changes: object) -> Message:
    what: dict[str, object] = {"channel": "whatsapp", "body": "Hola", "origin": "manual"}
    return outbox.queue_message(owner, at=NOW, **(what | changes))
