"""I1-I3: pages of Recibidos, Clientes and Llamadas through the whole HTTP stack.

Each offered filter and sort is asked for with random values, and beside it, in the same
turn, the very statements of that page run raw on one connection: what the page costs over
its own SQL is ours. Needs an empty database; lays its own portfolio.
"""

import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from acuerdo.organization.models import Portfolio, Role, User
from bench import portfolio

ROUNDS = 20
WARM_UP = 2
Values = dict[str, Callable[[random.Random], object]]
Statement = tuple[str, Any]


@dataclass
class Job:
    """One combination that a page offers."""

    page: str
    name: str
    params: Values
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    statements: int = 0

    def address(self, rng: random.Random) -> str:
        told = "&".join(f"{key}={value(rng)}" for key, value in self.params.items())
        return f"{reverse(self.page)}?{told}"


def main(customers: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    # Pages name their files by the manifest, as an installation's do.
    call_command("collectstatic", verbosity=0, interactive=False)
    portfolio.lay(customers, at=now, today=now.date())
    jobs = [job for job in _jobs() if _exists(job.page)]
    client, rng = _signed_in(), random.Random(1)
    for turn in range(-WARM_UP, ROUNDS):
        for job in jobs:
            _measure(job, client, rng, is_counted=turn >= 0)
    return _answer(customers, jobs)


def _jobs() -> list[Job]:
    """Every filter and sort on its own, and the pairs that people use."""
    books = list(Portfolio.objects.values_list("pk", flat=True))
    people = list(User.objects.filter(role=Role.ADVISER).values_list("pk", flat=True))
    book: Values = {"portfolio": lambda rng: rng.choice(books)}
    person: Values = {"adviser": lambda rng: rng.choice(people)}
    name: Values = {"q": lambda rng: "".join(rng.choices("aeiourstln", k=4))}
    document: Values = {"q": lambda rng: 10_000_000 + rng.randint(1, 900)}
    shared = {"all": {}, "portfolio": book, "adviser": person, "search": name, "document": document}
    only = {
        "conversations:inbox": {
            "pending": _fixed(pending=1),
            "whatsapp": _fixed(channel="whatsapp"),
            "pending, adviser": {**_fixed(pending=1), **person},
            "pending, portfolio": {**_fixed(pending=1), **book},
        },
        "customers:list": {
            **{f"sort {sort}": _fixed(sort=sort) for sort in ("-name", "-amount", "amount", "-age", "age")},
            **{f"standing {each}": _fixed(standing=each) for each in ("current", "1-29", "90%2B")},
            "alert": _fixed(alert="refuses"),
            "adviser, by age": {**_fixed(sort="-age"), **person},
            "portfolio, by amount": {**_fixed(sort="-amount"), **book},
        },
        "calls:tray": {
            "call back": _fixed(source="call_back"),
            "alert": _fixed(alert="refuses"),
            "by amount": _fixed(sort="amount"),
            "adviser, by amount": {**_fixed(sort="amount"), **person},
        },
    }  # fmt: skip
    return [
        Job(page, name_, params)
        for page, own in only.items()
        for name_, params in {**shared, **own}.items()
    ]


def _fixed(**values: object) -> Values:
    return {key: (lambda _rng, value=value: value) for key, value in values.items()}


def _exists(page: str) -> bool:
    try:
        reverse(page)
    except NoReverseMatch:
        return False
    return True


def _signed_in() -> Client:
    """A supervisor of every portfolio: the widest scope that still filters."""
    user = User.objects.create(
        email="bench@bench.example",
        name="Bench",
        role=Role.SUPERVISOR,
        password="!",  # noqa: S106 - nobody signs in by it
    )
    for each in Portfolio.objects.all():
        user.grants.create(portfolio=each)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def _measure(job: Job, client: Client, rng: random.Random, *, is_counted: bool) -> None:
    address = job.address(rng)
    with _recorded() as statements:
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    floor = _raw(statements)
    began = time.perf_counter()
    client.get(address)
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


def _answer(customers: int, jobs: list[Job]) -> dict[str, Any]:
    by_cost = sorted(jobs, key=lambda job: _p95(job.ours))
    plain = [job for job in by_cost if "search" not in job.name]
    every = [spent for job in jobs for spent in job.ours]
    raw = [spent for job in jobs for spent in job.floor]
    return {
        "bench": "inbox",
        "customers": customers,
        "ours_p95_ms": round(_p95(every), 1),
        "floor_p95_ms": round(_p95(raw), 1),
        "worst": f"{plain[-1].page} {plain[-1].name}: {_p95(plain[-1].ours):.1f} ms",
        "worst_search": f"{by_cost[-1].page} {by_cost[-1].name}: {_p95(by_cost[-1].ours):.1f} ms",
        "over_sql_ms": round(max(_p95(job.ours) - _p95(job.floor) for job in jobs), 1),
        "statements": max(job.statements for job in jobs),
        "pages": sorted({job.page for job in jobs}),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
