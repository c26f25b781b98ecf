"""A real receivables file, cut at a date, against a calculation made from the file alone.

The file is not part of the project: name it in ACUERDO_REAL_PORTFOLIO, or lay it beside the
checkout as ``../shared/data/accounts-receivable.csv``. Without it these tests are skipped.
"""

import csv
import io
import json
import os
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

CHECKOUT = Path(__file__).resolve().parents[3]
BESIDE = CHECKOUT.parent / "shared" / "data" / "accounts-receivable.csv"
PORTFOLIO = Path(os.environ.get("ACUERDO_REAL_PORTFOLIO") or BESIDE)
EXAMPLES = CHECKOUT / "examples"
STEPS = {
    -3: ("aviso-previo", "email"),
    0: ("vence-hoy", "whatsapp"),
    1: ("un-dia", "sms"),
    7: ("una-semana", "whatsapp"),
    15: ("llamada", "call"),
    30: ("un-mes", "email"),
}
# Days on which four or five of the six steps have their turn.
DATES = [date(2012, 3, 9), date(2012, 6, 15), date(2013, 1, 31), date(2013, 5, 25)]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(not PORTFOLIO.is_file(), reason="the real portfolio is not here"),
]
Row = dict[str, str]


def day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a date has no zone


def cut(on: date) -> list[Row]:
    """What had been issued by ``on``, with the settlements made by then."""
    with PORTFOLIO.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if day(row["InvoiceDate"]) <= on]
    for row in rows:
        if day(row["SettledDate"]) > on:
            row["SettledDate"] = ""
    return rows


def bring_in(rows: list[Row], folder: Path) -> list[dict[str, Any]]:
    """The three commands of the how-to; answers what each of them said."""
    path = folder / "accounts-receivable.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    said = []
    for sheet in ("customers", "debts", "payments"):
        out = io.StringIO()
        mapping = EXAMPLES / f"receivables-{sheet}.json"
        options = {"portfolio": "receivables", "create_portfolio": True}
        call_command(
            "import_sheet", sheet, str(path), mapping=mapping, json=True, stdout=out,
            stderr=io.StringIO(), **options,
        )  # fmt: skip
        said.append(json.loads(out.getvalue()))
    return said


def owed(rows: list[Row], on: date) -> dict[str, tuple[Decimal, Decimal, int]]:
    """Open, overdue and days past due of every customer that owes."""
    unpaid = defaultdict(list)
    for row in rows:
        if not row["SettledDate"]:
            unpaid[row["customerID"]].append((day(row["DueDate"]), Decimal(row["InvoiceAmount"])))
    return {
        customer: (
            sum((amount for _due, amount in found), Decimal(0)),
            sum((amount for due, amount in found if due < on), Decimal(0)),
            max(0, (on - min(found)[0]).days),
        )
        for customer, found in unpaid.items()
    }


def turns(rows: list[Row], on: date) -> set[tuple[str, str, str]]:
    """Whose oldest unpaid due date lies a step's days away, with the step and its channel."""
    oldest: dict[str, date] = {}
    for row in rows:
        if not row["SettledDate"]:
            due = day(row["DueDate"])
            oldest[row["customerID"]] = min(due, oldest.get(row["customerID"], due))
    return {
        (customer, *step)
        for customer, due in oldest.items()
        for offset, step in STEPS.items()
        if due + timedelta(days=offset) == on
    }


def printed(*command: str) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def listed(on: date) -> dict[str, tuple[Decimal, Decimal, int]]:
    lines = printed("customers", "--on", on.isoformat(), "--json").splitlines()
    rows = [json.loads(line) for line in lines]
    assert {row["currency"] for row in rows} <= {"USD"}
    return {
        row["document"]: (Decimal(row["open"]), Decimal(row["overdue"]), row["days_past_due"])
        for row in rows
    }


@pytest.mark.parametrize("on", DATES)
def test_balances_and_steps_of_a_day_are_those_of_the_file(on: date, tmp_path: Path) -> None:
    rows = cut(on)
    said = bring_in(rows, tmp_path)
    assert [outcome["rejected"] for outcome in said] == [0, 0, 0]
    assert said[0]["new"] == len({row["customerID"] for row in rows})
    assert said[2]["new"] == sum(bool(row["SettledDate"]) for row in rows)
    assert listed(on) == owed(rows, on)
    call_command("flows", "load", str(EXAMPLES / "strategy.yaml"), stdout=io.StringIO())
    planned = json.loads(printed("plan", "--on", on.isoformat(), "--json"))
    found = {(row["customer"], row["step"], row["channel"]) for row in planned}
    assert found == turns(rows, on)
    assert len(found) == len(planned)
    assert all(row["outcome"] == "skipped" and row["reason"] for row in planned)


def test_the_whole_file_is_settled_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    rows = cut(date(2100, 1, 1))
    assert [outcome["new"] for outcome in bring_in(rows, tmp_path)] == [100, 2466, 2466]
    assert listed(date(2014, 6, 1)) == {}
    again = bring_in(rows, tmp_path)
    assert [(outcome["new"], outcome["changed"]) for outcome in again] == [(0, 0)] * 3
