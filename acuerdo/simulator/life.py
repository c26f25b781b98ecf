"""One invented debtor: the person, the debts, and moments of the past to act at."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from acuerdo.channels.models import ChannelAccount
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.ledger.models import Debt, DebtStatus
from acuerdo.organization.models import User
from acuerdo.primitives.money import COUNTRY_CURRENCY, Money, rounded
from acuerdo.simulator.cast import Cast
from acuerdo.simulator.people import Person
from acuerdo.simulator.words import words

ZONES = {
    "PE": "America/Lima",
    "CL": "America/Santiago",
    "CO": "America/Bogota",
    "MX": "America/Mexico_City",
    "AR": "America/Argentina/Buenos_Aires",
}
# Smallest and largest instalment, and the step between amounts.
INSTALMENTS = {
    "PEN": (80, 1_900, "0.50"),
    "CLP": (28_000, 640_000, "1"),
    "COP": (110_000, 3_200_000, "100"),
    "MXN": (700, 19_000, "1"),
    "ARS": (38_000, 720_000, "10"),
}
# Days past due of the oldest debt, in turn: every step of the strategy and every age.
AGES = (-3, 0, 1, 7, 15, 30, -12, 3, 45, 5, 95, 10, 20, 60, -1, 28, 130, 75, 2, 200, 12, 35, -20)
ONE_UNASSIGNED_IN = 9
SUNDAY = 6


@dataclass(frozen=True)
class Instalment:
    code: str
    amount: Decimal
    issued_on: date
    due_on: date
    product: str


@dataclass
class Life:
    """``customer``, ``debts`` and ``points`` are there once the portfolio was imported."""

    person: Person
    number: int
    adviser: User | None
    by: User
    rng: random.Random
    now: datetime
    age: int
    instalments: list[Instalment] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    points: dict[str, ContactPoint] = field(default_factory=dict)
    accounts: dict[str, ChannelAccount] = field(default_factory=dict)
    row: Customer | None = None

    @property
    def customer(self) -> Customer:
        if self.row is None:
            raise LookupError("the portfolio was not imported yet")
        return self.row

    @property
    def has_phone(self) -> bool:
        return self.number % 13 != 12

    @property
    def has_email(self) -> bool:
        return self.number % 11 != 10

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(ZONES[self.person.country])

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def currency(self) -> str:
        return COUNTRY_CURRENCY[self.person.country]

    def moment(self, days_ago: int, *, first: int = 9, last: int = 18) -> datetime:
        """A working hour of that day in the customer's zone; never later than now."""
        on = self.workday(self.today - timedelta(days=days_ago))
        clock = time(self.rng.randint(first, last - 1), self.rng.randint(0, 59))
        found = datetime.combine(on, clock, self.zone).astimezone(UTC)
        return min(found, self.now - timedelta(minutes=self.rng.randint(3, 90)))

    @staticmethod
    def workday(on: date) -> date:
        """Nobody calls on a Sunday: the day before then."""
        return on - timedelta(days=1) if on.weekday() == SUNDAY else on

    def on(self, at: datetime) -> date:
        """The date of ``at`` where the customer lives."""
        return at.astimezone(self.zone).date()

    def money(self, amount: Decimal) -> Money:
        return Money(rounded(amount, self.currency), self.currency)

    def owed(self) -> Money:
        """What is unpaid by now, as far as this script has paid it."""
        unpaid = Debt.objects.filter(customer=self.customer, status=DebtStatus.OPEN)
        return self.money(sum((debt.balance for debt in unpaid), Decimal(0)))

    def oldest(self) -> Money:
        first = (
            Debt.objects.filter(customer=self.customer, status="open").order_by("due_on").first()
        )
        return self.money(first.balance if first else Decimal(0))


def invent(
    person: Person,
    number: int,
    *,
    cast: Cast,
    accounts: dict[str, ChannelAccount],
    seed: int,
    now: datetime,
) -> Life:
    """The same life for the same seed and day; nothing is written."""
    rng = random.Random(f"{seed}:{number}")  # noqa: S311 - an invention, not a secret
    advisers = cast.advisers(person.country)
    adviser = None if number % ONE_UNASSIGNED_IN == 0 else rng.choice(advisers)
    life = Life(
        person=person,
        number=number,
        adviser=adviser,
        by=adviser or rng.choice(advisers),
        rng=rng,
        now=now,
        age=AGES[number % len(AGES)],
        accounts=accounts,
    )
    life.instalments = _instalments(life)
    return life


def _instalments(life: Life) -> list[Instalment]:
    """One to four monthly instalments, the oldest of them due ``age`` days ago."""
    low, high, step = INSTALMENTS[life.currency]
    amount = Decimal(life.rng.randint(low, high)) + Decimal(step)
    product = life.rng.choice(words()["products"])
    oldest = life.today - timedelta(days=life.age)
    return [
        Instalment(
            code=f"{life.person.country}-{1000 + life.number}-{place + 1}",
            amount=amount,
            issued_on=oldest - timedelta(days=30),
            due_on=oldest + timedelta(days=30 * place),
            product=product,
        )
        for place in range(life.rng.choice((1, 1, 2, 2, 3, 4)))
    ]
