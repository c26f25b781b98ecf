"""A customer who can be written to, and messages for tests."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from acuerdo.channels.adapter import Result
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Message
from acuerdo.conversations.sending import claiming, outbox, settling
from acuerdo.customers import contact_points, profiles
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.ledger import debts
from acuerdo.organization import settings
from acuerdo.organization.models import Portfolio, PortfolioGrant, Role, User
from acuerdo.primitives.money import Money

# A Tuesday, ten in the morning in Lima.
NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
_numbers = count(1)


def portfolio(code: str = "retail", *, consent: str = "Contrato, cláusula 14") -> Portfolio:
    """Its customers agreed to be written to by WhatsApp, unless ``consent`` is empty."""
    settings.current()
    found, _made = Portfolio.objects.get_or_create(
        code=code,
        defaults={"name": code.title(), "creditor": "Tiendas Sol", "whatsapp_consent": consent},
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
    row = profiles.create(
        portfolio=book or portfolio(),
        document_type="DNI",
        document_number=f"4{number:07d}",
        first_name=first_name,
        last_name="Quispe",
        country="PE",
        time_zone="America/Lima",
        adviser=adviser,
        by=None,
        at=NOW,
    )
    contact_points.add(row, kind="phone", value=f"+519{number:08d}", by=None, at=NOW)
    contact_points.add(row, kind="email", value=f"ana{number}@example.com", by=None, at=NOW)
    debts.create(
        row,
        code=f"A-{number}",
        amount=Money(Decimal("150.00"), "PEN"),
        due_on=date(2026, 3, 1),
        by=None,
        at=NOW,
    )
    return row


def phone_of(owner: Customer) -> ContactPoint:
    return owner.contact_points.get(kind="phone")


def queued(owner: Customer, **changes: object) -> Message:
    what: dict[str, object] = {"channel": "whatsapp", "body": "Hola", "origin": "manual"}
    return outbox.queue_message(owner, at=NOW, **(what | changes))


def answered(line: ChannelAccount, result: Result) -> None:
    """Whatever is due by ``line`` is handed over, and the provider answers each so."""
    batch = claiming.claim(line, at=NOW)
    assert batch.lease is not None
    claiming.begin(line, batch.claimed, lease=batch.lease, at=NOW)
    settling.settle([(row, result) for row in batch.claimed], at=NOW)
