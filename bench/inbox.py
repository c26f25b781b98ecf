"""I1-I3, I6, I7: Recibidos by every filter and sort that it offers, search, and opening one.

The jobs are made from ``InboxFilter`` itself: a filter that comes to it is measured from then
on, or stops the bench until it is told which values to ask for. Each page goes through the
whole HTTP stack with random values, and beside it, in the same turn, its own statements run
raw on one connection. Clientes and Llamadas are measured likewise. On an empty database it
lays customers by ``loading``; with --loaded it reads what bin/load-demo has laid.
"""

import random
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tray import extra_filters, narrowing
from acuerdo.conversations.tray.filters import LABELS, NOBODY, SORTS
from acuerdo.customers.contact_points import KINDS_OF_CHANNEL
from acuerdo.customers.models import AlertKind, Customer, Segment
from acuerdo.ledger.models import Debt
from acuerdo.organization.models import (
    Portfolio,
    PortfolioGrant,
    PortfolioKind,
    Role,
    Team,
    User,
)
from acuerdo.primitives.money import CURRENCIES
from acuerdo.ui import pagination
from bench import loading

ROUNDS = 12
WARM_UP = 1
INBOX = "conversations:inbox"
OPEN = "conversations:open"
COUNT = "conversations:count"
DEPTH = 100_000
EACH = 10
Values = dict[str, Callable[[random.Random], object]]
Statement = tuple[str, Any]


@dataclass
class Job:
    """One combination that a page offers; ``args`` are what its address wants."""

    page: str
    name: str
    params: Values
    args: Callable[[random.Random], list[object]] = lambda _rng: []
    is_part: bool = False
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    statements: int = 0

    def address(self, rng: random.Random) -> str:
        # Without a word on filters the page would show the list as it was used last.
        plain: dict[str, object] = {"pending": ""} if self.page == INBOX else {}
        told = urlencode(plain | {key: value(rng) for key, value in self.params.items()})
        return f"{reverse(self.page, args=self.args(rng))}?{told}"

    @property
    def is_search(self) -> bool:
        return "q" in self.params


def main(customers: int) -> dict[str, Any]:
    # Pages name their files by the manifest, as an installation's do.
    call_command("collectstatic", verbosity=0, interactive=False)
    if not loading.holds_customers():
        loading.load(customers, EACH * customers, say=lambda _text: None)
        loading.gather_statistics()
    client, rng = _signed_in(), random.Random(1)
    jobs = _jobs()
    for turn in range(-WARM_UP, ROUNDS):
        for job in jobs:
            _measure(job, client, rng, is_counted=turn >= 0)
    return _answer(jobs)


def _jobs() -> list[Job]:
    """Every filter and sort on its own, each sort within a scope, and the pairs people use."""
    one = _choices()
    mine, book = {"adviser": one["adviser"][0]}, {"portfolio": one["portfolio"][0]}
    deep = _deep()
    combined: dict[str, Values] = {
        "mine, pending": mine | _fixed(pending=1),
        "portfolio, pending": book | _fixed(pending=1),
        "mine, alert": mine | _fixed(alert="refuses"),
        "portfolio, days 30-60": book | _fixed(days_from=30, days_to=60),
        **{f"mine, by {sort}": mine | _fixed(sort=sort) for sort in SORTS if sort},
        **{f"portfolio, by {sort}": book | _fixed(sort=sort) for sort in SORTS if sort},
        **{f"pending, by {sort}": _fixed(pending=1, sort=sort) for sort in SORTS if sort},
        "at depth": {"after": lambda _rng: deep},
    }
    return [
        Job(INBOX, "all", {}),
        *(
            Job(INBOX, f"{key}{'' if len(values) == 1 else f' {place}'}", _with_field(key, value))
            for key, values in one.items()
            for place, value in enumerate(values)
        ),
        *(Job(INBOX, name, params) for name, params in combined.items()),
        *(Job(INBOX, f"search {name}", {"q": value}) for name, value in _searches().items()),
        Job(OPEN, "open", {}, args=lambda rng: [_anybody(rng, Conversation)]),
        Job(COUNT, "count", {}, is_part=True),
        *_other_pages(mine, book),
    ]


def _choices() -> dict[str, list[Callable[[random.Random], object]]]:
    """For each parameter of the filter, the values to ask for; one without any is an error."""
    books = list(Portfolio.objects.values_list("pk", flat=True))
    people = list(User.objects.filter(role=Role.ADVISER).values_list("pk", flat=True))
    teams = list(Team.objects.values_list("pk", flat=True))
    today = datetime.now(UTC).date()

    def day(rng: random.Random) -> object:
        return today - timedelta(days=rng.randrange(60))

    known: dict[str, list[Callable[[random.Random], object]]] = {
        "pending": _each([1]),
        "channel": _each(Channel.values),
        "portfolio": [lambda rng: rng.choice(books)],
        "portfolio_kind": _each(PortfolioKind.values),
        "adviser": [lambda rng: rng.choice(people), *_each([NOBODY])],
        "team": [lambda rng: rng.choice(teams)],
        "segment": _each([NOBODY, *Segment.objects.values_list("pk", flat=True)[:3]]),
        "since": [day],
        "until": [day],
        "alert": _each(AlertKind.values),
        "reach": _each(KINDS_OF_CHANNEL),
        "amount_from": _each([100, 500_000]),
        "amount_to": _each([200, 50_000]),
        "currency": _each(CURRENCIES),
        "days_from": _each([1, 60, 180]),
        "days_to": _each([5, 90]),
        "window": _each([1]),
        "promise": _each(narrowing.PROMISES),
        "field": _each(["ciudad"]),
        "sort": _each([sort for sort in SORTS if sort]),
    }
    user = User.objects.filter(role=Role.ADMINISTRATOR).first()
    for key, extra in extra_filters.found().items():
        known[key] = _each([value for value, _words in extra.options(user)][:3]) if user else []
    # The value of a field goes with its name.
    unknown = {*LABELS, *extra_filters.found()} - {"value"} - set(known)
    assert not unknown, f"bench.inbox has no values for {sorted(unknown)}"
    return known


def _each(values: Iterable[object]) -> list[Callable[[random.Random], object]]:
    return list(_fixed(**{str(place): value for place, value in enumerate(values)}).values())


def _with_field(key: str, value: Callable[[random.Random], object]) -> Values:
    return {key: value} | (_fixed(value="Lima") if key == "field" else {})


def _searches() -> Values:
    return {
        "name": lambda rng: _of(rng, Customer).first_name.split()[0],
        "two names": lambda rng: _of(rng, Customer).full_name,
        "part of a name": lambda rng: _of(rng, Customer).sort_key[1:6],
        "document": lambda rng: _of(rng, Customer).document_number,
        "phone": lambda rng: _point(rng, "phone")[-9:],
        "e-mail": lambda rng: _point(rng, "email"),
        "code": lambda rng: _of(rng, Debt).code,
        "words": lambda _rng: "transferencia comprobante",
        "nothing": lambda _rng: "zzqxzzqx",
    }


def _anybody(rng: random.Random, model: Any) -> int:
    top = model.objects.order_by("-pk").values_list("pk", flat=True).first()
    found = model.objects.filter(pk__gte=rng.randint(1, top)).order_by("pk")
    return int(found.values_list("pk", flat=True).first())


def _of(rng: random.Random, model: Any) -> Any:
    return model.objects.get(pk=_anybody(rng, model))


def _point(rng: random.Random, kind: str) -> str:
    point = _of(rng, Customer).contact_points.filter(kind=kind).first()
    return point.value if point else "nadie@ejemplo.example"


def _deep() -> str:
    """The cursor of a place far down the list, as a page would have given it."""
    rows = Conversation.objects.order_by("-last_at", "-pk")
    row = rows[min(DEPTH, rows.count() // 2)]
    above = rows.filter(last_at__gte=row.last_at).reverse()
    found = pagination.paginate(above, {}, by="last_at", descending=False, size=1)
    return found.next


def _other_pages(mine: Values, book: Values) -> list[Job]:
    offered: dict[str, dict[str, Values]] = {
        "customers:list": {
            "all": {},
            "mine": mine,
            **{f"sort {sort}": _fixed(sort=sort) for sort in ("-name", "-amount", "amount", "-age", "age")},
            **{f"standing {each}": _fixed(standing=each) for each in ("current", "1-29", "90+")},
            "alert": _fixed(alert="refuses"),
            "adviser, by age": mine | _fixed(sort="-age"),
            "portfolio, by amount": book | _fixed(sort="-amount"),
        },
        "calls:tray": {
            "all": {},
            "mine": mine,
            "call back": _fixed(source="call_back"),
            "by amount": _fixed(sort="amount"),
        },
    }  # fmt: skip
    return [Job(page, name, own) for page, named in offered.items() for name, own in named.items()]


def _fixed(**values: object) -> Values:
    return {key: (lambda _rng, value=value: value) for key, value in values.items()}


def _signed_in() -> Client:
    """A supervisor of every portfolio: the widest scope that still filters."""
    user, _made = User.objects.get_or_create(
        email="bench@bench.example",
        # Nobody signs in by it.
        defaults={"name": "Bench", "role": Role.SUPERVISOR, "password": "!"},
    )
    PortfolioGrant.objects.bulk_create(
        [PortfolioGrant(user=user, portfolio=book) for book in Portfolio.objects.all()],
        ignore_conflicts=True,
    )
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def _measure(job: Job, client: Client, rng: random.Random, *, is_counted: bool) -> None:
    address = job.address(rng)
    headers = {"HX-Request": "true"} if job.is_part else None
    with _recorded() as statements:
        answer = client.get(address, headers=headers)
    assert answer.status_code == 200, (address, answer.status_code)
    floor = _raw(statements)
    began = time.perf_counter()
    client.get(address, headers=headers)
    spent = time.perf_counter() - began
    if is_counted:
        job.ours.append(spent * 1000)
        job.floor.append(floor * 1000)
        job.statements = max(job.statements, len(statements))


@contextmanager
def _recorded() -> Iterator[list[Statement]]:
    found: list[Statement] = []

    def keep(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield found


def _raw(statements: list[Statement]) -> float:
    """Seconds that the page's reading statements take by themselves."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for sql, params in statements:
            if sql.lstrip().upper().startswith(("SELECT", "WITH")):
                cursor.execute(sql, params)
                cursor.fetchall()
    return time.perf_counter() - began


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _answer(jobs: list[Job]) -> dict[str, Any]:
    by_cost = sorted(jobs, key=lambda job: _p95(job.ours))
    plain = [job for job in by_cost if not job.is_search]
    searches = [job for job in by_cost if job.is_search]
    named = {(job.page, job.name): job for job in jobs}
    every = [spent for job in jobs for spent in job.ours]
    raw = [spent for job in jobs for spent in job.floor]
    return {
        "bench": "inbox",
        "customers": Customer.objects.count(),
        "jobs": len(jobs),
        "ours_p95_ms": round(_p95(every), 1),
        "floor_p95_ms": round(_p95(raw), 1),
        "worst": _told(plain[-1]),
        "worst_search": _told(searches[-1]),
        "over_sql_ms": round(max(_p95(job.ours) - _p95(job.floor) for job in jobs), 1),
        "statements": max(job.statements for job in jobs if job.page == INBOX),
        "open": _told(named[OPEN, "open"]),
        "count": _told(named[COUNT, "count"]),
        "depth_ratio": round(
            _p95(named[INBOX, "at depth"].ours) / _p95(named[INBOX, "all"].ours), 2
        ),
        "slowest": [_told(job) for job in reversed(by_cost[-12:])],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _told(job: Job) -> str:
    """Both at the 95th of a hundred, then the middle of ours."""
    middle = statistics.median(job.ours)
    return (
        f"{job.page} {job.name}: {_p95(job.ours):.0f} ms, its SQL {_p95(job.floor):.0f} ms,"
        f" half within {middle:.0f} ms"
    )
