"""The tables of moves, walked to the end: every move in them works and no other does."""

from itertools import product

import pytest

from acuerdo.customers.models import Customer
from acuerdo.ledger.models import (
    CLAIM_MOVES,
    DEBT_MOVES,
    PAYMENT_MOVES,
    PROMISE_MOVES,
    REPORT_MOVES,
    ClaimStatus,
    Debt,
    DebtStatus,
    PaymentStatus,
    PromiseStatus,
    ReportStatus,
)
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.states import Table, move_many, move_to

ALL_MOVES = [
    (name, table, before, after)
    for name, table, statuses in (
        ("claim", CLAIM_MOVES, ClaimStatus.values),
        ("debt", DEBT_MOVES, DebtStatus.values),
        ("payment", PAYMENT_MOVES, PaymentStatus.values),
        ("promise", PROMISE_MOVES, PromiseStatus.values),
        ("report", REPORT_MOVES, ReportStatus.values),
    )
    for before, after in product(statuses, repeat=2)
]


@pytest.mark.parametrize(("name", "table", "before", "after"), ALL_MOVES)
def test_only_moves_of_the_table_are_made(
    ledger_rows: dict, name: str, table: Table, before: str, after: str
) -> None:
    row = ledger_rows[name]
    type(row).objects.filter(pk=row.pk).update(status=before)
    row.refresh_from_db()
    allowed = after in table.get(before, ())
    if allowed:
        move_to(row, after, table=table)
    else:
        with pytest.raises(Refusal, match="move_not_allowed"):
            move_to(row, after, table=table)
    row.refresh_from_db()
    assert row.status == (after if allowed else before)


def test_the_second_of_two_movers_is_refused(overdue: Customer) -> None:
    first, second = (Debt.objects.get(pk=overdue.debts.earliest("pk").pk) for _ in range(2))
    move_to(first, "cancelled", table=DEBT_MOVES)
    with pytest.raises(Refusal, match="stale_state"):
        move_to(second, "uncollectible", table=DEBT_MOVES)
    assert Debt.objects.get(pk=first.pk).status == "cancelled"


def test_many_rows_move_together_or_not_at_all(overdue: Customer) -> None:
    rows = list(overdue.debts.all())
    Debt.objects.filter(pk=rows[1].pk).update(status="cancelled")
    with pytest.raises(Refusal, match="stale_state"):
        move_many(rows, "uncollectible", table=DEBT_MOVES)
    assert Debt.objects.get(pk=rows[0].pk).status == "open"


def test_many_rows_are_refused_a_move_out_of_the_table(overdue: Customer) -> None:
    rows = list(overdue.debts.all())
    with pytest.raises(Refusal, match="move_not_allowed"):
        move_many(rows, "open", table=DEBT_MOVES)
