"""Lays what ``lives`` invents into a database, batch by batch, by COPY."""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import connection, transaction

from acuerdo.channels import accounts
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.customers import documents
from acuerdo.customers.models import Customer
from acuerdo.organization.models import Portfolio, PortfolioGrant, PortfolioKind, Role, User
from acuerdo.primitives import clock, signing
from acuerdo.simulator import cast, people
from acuerdo.simulator.people import Person
from bench import sheet
from bench.lives import House, Life, shares
from bench.sheet import Sheet

BATCH = 2_000
SEED = 41
ADVISERS_EACH = 8
ENDLESS = 10**9

Say = Callable[[str], None]


def holds_customers() -> bool:
    return Customer.objects.exists()


def holds_other_people() -> bool:
    """Whether users or lines stand here, and the demonstration does not."""
    if cast.is_loaded():
        return False
    return User.objects.exists() or ChannelAccount.objects.exists()


def load(
    customers: int,
    interactions: int,
    *,
    seed: int = SEED,
    now: datetime | None = None,
    say: Say = print,
) -> None:
    """Batches are committed one by one. Afterwards call ``gather_statistics``."""
    at = (now or clock.now()).replace(microsecond=0)
    house, began = _house(at), time.monotonic()
    crowd = _unknown(people.invent(ENDLESS, seed=seed))
    number = _first_number()
    for done in range(0, customers, BATCH):
        batch = list(itertools.islice(crowd, min(BATCH, customers - done)))
        until = done + len(batch)
        wanted = interactions * until // customers - interactions * done // customers
        _write(batch, wanted, number + done, house, seed=seed, at=at)
        spent = time.monotonic() - began
        say(f"{until:,} of {customers:,} customers, {spent:.0f} s, {until / spent:.0f}/s")


def gather_statistics() -> None:
    """As autovacuum would have by tomorrow; the maps of what all can see make counts cheap."""
    with connection.cursor() as cursor:
        for table in sheet.COLUMNS:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _unknown(crowd: Iterator[Person]) -> Iterator[Person]:
    """Those whose document nobody in the database has."""
    is_empty = not holds_customers()
    while batch := list(itertools.islice(crowd, BATCH)):
        keys = [] if is_empty else [documents.key(each.document_number) for each in batch]
        known = set(
            Customer.objects.filter(document_key__in=keys).values_list("document_key", flat=True)
        )
        yield from (each for each in batch if documents.key(each.document_number) not in known)


def _first_number() -> int:
    """Codes and phones carry a number: those of an earlier load are left behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM customers_customer")
        return int(cursor.fetchone()[0])


@transaction.atomic
def _write(
    batch: list[Person], interactions: int, number: int, house: House, *, seed: int, at: datetime
) -> None:
    with connection.cursor() as cursor:
        # Nobody else takes an id meanwhile; readers go on.
        for table in sheet.ID_TABLES:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        lines = Sheet(_next_ids())
        rng = random.Random(f"{seed}-{number}")
        parts = shares(rng, len(batch), interactions)
        for place, (person, part) in enumerate(zip(batch, parts, strict=True)):
            Life(lines, house, person, number + place, now=at, seed=seed).write(part)
        for table, columns in sheet.COLUMNS.items():
            if rows := lines.lines[table]:
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    copy.write("\n".join(rows) + "\n")
        for table, next_id in lines.next_ids.items():
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, next_id])


def _next_ids() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in sheet.ID_TABLES:
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])
            found[table] = int(cursor.fetchone()[0])
    return found


def _house(at: datetime) -> House:
    """The demonstration's people and portfolios, and more of both."""
    if not cast.is_loaded():
        cast.gather(at=at)
    books: dict[str, list[int]] = {}
    advisers: dict[str, list[int]] = {}
    for country, (name, code) in cast.PORTFOLIOS.items():
        running = Portfolio.objects.get(code=code)
        written_off, _made = Portfolio.objects.get_or_create(
            code=f"{code}-castigada",
            defaults={
                "name": f"{name}, castigada",
                "creditor": cast.CREDITOR,
                "kind": PortfolioKind.CHARGED_OFF,
            },
        )
        books[country] = [running.pk, running.pk, running.pk, written_off.pk]
        advisers[country] = _advisers(country, {running.pk, written_off.pk})
    return House(books, advisers, {channel: _account(channel, at) for channel in Channel.values})


def _advisers(country: str, books: set[int]) -> list[int]:
    names = [f"Asesor {country} {place}" for place in range(1, ADVISERS_EACH + 1)]
    for name in names:
        User.objects.get_or_create(
            email=f"{name.lower().replace(' ', '.')}@sierraazul.example",
            # Nobody signs in as these: who wants to takes one of the demonstration's people.
            defaults={"name": name, "role": Role.ADVISER, "password": "!"},
        )
    hired = User.objects.filter(name__in=names)
    cast_of = User.objects.filter(grants__portfolio__in=books).exclude(role=Role.ADMINISTRATOR)
    everybody = {row.pk: row for row in (*hired, *cast_of)}
    PortfolioGrant.objects.bulk_create(
        [PortfolioGrant(user_id=pk, portfolio_id=book) for pk in everybody for book in books],
        ignore_conflicts=True,
    )
    return sorted(pk for pk, row in everybody.items() if row.role == Role.ADVISER)


def _account(channel: str, at: datetime) -> int:
    found = ChannelAccount.objects.filter(channel=channel, adapter="simulated").first()
    made = found or accounts.create(
        name=f"{Channel(channel).label} (simulador)",
        channel=channel,
        adapter="simulated",
        sender="cobranzas@sierraazul.example" if channel == Channel.EMAIL else "+5117000000",
        secret_values={"secret": signing.token()},
        at=at,
    )
    return made.pk
