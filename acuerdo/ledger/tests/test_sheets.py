from decimal import Decimal
from typing import Any

import pytest

from acuerdo.customers.models import Customer, CustomField
from acuerdo.customers.tests.factories import customer
from acuerdo.interactions.models import Interaction, Origin
from acuerdo.ledger import debts as debt_operations
from acuerdo.ledger import promises
from acuerdo.ledger.models import Debt, DebtStatus, Payment, PromiseStatus
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment, soles
from acuerdo.organization.models import Portfolio, User
from acuerdo.spreadsheets.tests.factories import checked, counts, loaded

pytestmark = pytest.mark.django_db
DEBTS = "Tipo de documento,Número de documento,Código de deuda,Moneda,Monto,Vencimiento\n"
BALANCES = "Número de documento,Código de deuda,Saldo pendiente,Vencimiento\n"
PAYMENTS = "Código de pago,Número de documento,Código de deuda,Moneda,Monto,Fecha de pago\n"


@pytest.fixture
def ana(book: Portfolio) -> Customer:
    return customer(book, document_number="A-1")


def entries(code: str) -> list[tuple[str, Decimal]]:
    found = Debt.objects.get(code=code).entries.order_by("pk")
    return [(entry.kind, entry.amount) for entry in found]


def test_a_new_debt_posts_its_principal_and_is_in_the_standing(ana: Customer) -> None:
    run = loaded("debts", DEBTS + 'CODIGO,a1,D-1,PEN,"1.250,50",01/06/2026\n')
    assert counts(run) == (1, 0, 0, 0)
    assert entries("D-1") == [("principal", Decimal("1250.50"))]
    ana.standing.refresh_from_db()
    assert ana.standing.overdue_amount == Decimal("1250.50")
    assert ana.standing.oldest_due_on == Debt.objects.get().due_on


def test_the_same_debts_twice_change_nothing(ana: Customer) -> None:
    text = DEBTS + "CODIGO,A-1,D-1,PEN,100.00,01/06/2026\nCODIGO,A-1,D-2,PEN,50.00,01/07/2026\n"
    loaded("debts", text)
    before = list(Debt.objects.order_by("pk").values())
    assert counts(loaded("debts", text)) == (0, 0, 2, 0)
    assert list(Debt.objects.order_by("pk").values()) == before
    assert len(entries("D-1") + entries("D-2")) == 2


def test_a_changed_amount_posts_the_difference(ana: Customer) -> None:
    row = debt(ana, 100, code="D-1")
    payment(ana, 30)
    loaded("debts", DEBTS + f"CODIGO,A-1,D-1,PEN,120.00,{row.due_on:%d/%m/%Y}\n")
    assert entries("D-1")[-1] == ("adjustment", Decimal(20))
    row.refresh_from_db()
    assert (row.amount, row.balance) == (Decimal(120), Decimal(90))


def test_balance_mode_posts_what_takes_it_to_the_balance(ana: Customer) -> None:
    debt(ana, 100, code="D-1")
    text = BALANCES + f"A-1,D-1,0,{TODAY:%d/%m/%Y}\nA-1,D-2,40.00,{TODAY:%d/%m/%Y}\n"
    assert counts(loaded("debts", text)) == (1, 1, 0, 0)
    assert entries("D-1")[-1] == ("adjustment", Decimal(-100))
    assert Debt.objects.get(code="D-1").status == DebtStatus.SETTLED
    assert Debt.objects.get(code="D-2").balance == Decimal(40)
    assert counts(loaded("debts", text)) == (0, 0, 2, 0)


def test_custom_columns_of_debts_are_kept(ana: Customer) -> None:
    spec = {
        "sheet": "debts",
        "columns": {"document_number": "doc", "code": "cod", "amount": "m", "due_on": "v"},
        "constants": {"document_type": "CODIGO", "currency": "USD"},
        "date_format": "%m/%d/%Y",
        "custom": {"disputed": "Disputed"},
    }
    loaded("debts", "doc,cod,m,v,Disputed\nA-1,D-1,9.99,12/31/2026,Yes\n", mapping=spec)
    row = Debt.objects.get()
    assert (row.currency, row.custom, row.due_on.month) == ("USD", {"disputed": "Yes"}, 12)
    assert CustomField.objects.get().level == "debt"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("CODIGO,NADIE,D-9,PEN,10.00,01/06/2026", "Número de documento"),
        ("CODIGO,A-1,D-9,PEN,diez,01/06/2026", "Monto"),
        ("CODIGO,A-1,D-9,PEN,,01/06/2026", "Monto"),
        ("CODIGO,A-1,D-9,PEN,-10.00,01/06/2026", "Monto"),
        ("CODIGO,A-1,D-9,CLP,10.50,01/06/2026", "Monto"),
        ("CODIGO,A-1,D-9,SOL,10.00,01/06/2026", "Moneda"),
        ("CODIGO,A-1,D-9,PEN,10.00,31/11/2026", "Vencimiento"),
        ("CODIGO,A-1,,PEN,10.00,01/06/2026", "Código de deuda"),
        ("CODIGO,A-1,PAID,PEN,20.00,01/06/2026", "Monto"),
        ("CODIGO,A-1,PAID,USD,100.00,01/06/2026", "Moneda"),
        ("CODIGO,A-1,GONE,PEN,20.00,01/06/2026", "Código de deuda"),
        ("CODIGO,B-1,PAID,PEN,100.00,01/06/2026", "Número de documento"),
    ],
)
def test_a_bad_debt_is_named_by_its_cell_and_changes_nothing(
    ana: Customer, book: Portfolio, row: str, column: str
) -> None:
    customer(book, document_number="B-1")
    paid = debt(ana, 100, code="PAID")
    payment(ana, 60, debts=[paid])
    gone = debt(ana, 100, code="GONE")
    debt_operations.cancel(gone, note="error", by=None, at=NOW)
    before = list(Debt.objects.order_by("pk").values())
    run = loaded("debts", DEBTS + row + "\n")
    assert counts(run) == (0, 0, 0, 1)
    assert run.sample_rejects[0]["column"] == column
    assert list(Debt.objects.order_by("pk").values()) == before


def test_a_number_of_two_customers_asks_for_the_type(ana: Customer, book: Portfolio) -> None:
    customer(book, document_type="OTROS", document_number="A-1")
    text = BALANCES + f"A-1,D-1,40.00,{TODAY:%d/%m/%Y}\n"
    run = checked("debts", text)
    assert run.rejected == 1
    assert "tipo de documento" in run.sample_rejects[0]["remedy"].lower()


def test_a_supervisor_reaches_only_customers_of_the_portfolio(
    other_book: Portfolio, supervisor: User
) -> None:
    customer(other_book, document_number="X-1")
    run = loaded("debts", DEBTS + "CODIGO,X-1,D-1,PEN,10.00,01/06/2026\n", by=supervisor)
    assert counts(run) == (0, 0, 0, 1)


def test_a_payment_pays_the_named_debt_then_the_oldest(ana: Customer) -> None:
    debt(ana, 100, code="OLD", days_past_due=30)
    debt(ana, 50, code="NEW", days_past_due=5)
    loaded("payments", PAYMENTS + f"P-1,A-1,NEW,PEN,80.00,{TODAY:%d/%m/%Y}\n")
    balances = dict(Debt.objects.values_list("code", "balance"))
    assert balances == {"OLD": Decimal(70), "NEW": Decimal(0)}
    assert Payment.objects.get().unapplied == 0
    ana.standing.refresh_from_db()
    assert ana.standing.open_amount == Decimal(70)


def test_what_no_debt_takes_stays_unapplied(ana: Customer) -> None:
    debt(ana, 100, code="D-1")
    debt(ana, soles(10), code="D-2")
    rows = "".join(f"P-{n},A-1,D-1,PEN,60.00,{TODAY:%d/%m/%Y}\n" for n in (1, 2, 3))
    loaded("payments", PAYMENTS + rows)
    assert not Debt.objects.filter(balance__gt=0).exists()
    left = dict(Payment.objects.values_list("code", "unapplied"))
    assert sum(left.values()) == Decimal(70)
    assert left["P-1"] == 0


def shared_out(rows: list[tuple[str, str, str]]) -> dict[str, Any]:
    lines = "".join(f"{c},A-1,{d},PEN,{a},{TODAY:%d/%m/%Y}\n" for c, d, a in rows)
    loaded("payments", PAYMENTS + lines)
    return dict(Debt.objects.values_list("code", "balance"))


def test_many_payments_are_shared_out_as_one_by_one(ana: Customer, book: Portfolio) -> None:
    twin = customer(book, document_number="B-1")
    for owner, prefix in ((ana, "A"), (twin, "B")):
        for place in range(4):
            debt(owner, 25 + place, code=f"{prefix}{place}", days_past_due=9 - place)
    amounts = ["10.00", "31.00", "7.50", "22.25"]
    shared_out([(f"P{n}", "", amount) for n, amount in enumerate(amounts)])
    for amount in amounts:
        payment(twin, amount)
    balances = dict(Debt.objects.values_list("code", "balance"))
    assert all(balances[f"A{place}"] == balances[f"B{place}"] for place in range(4))


def test_a_payment_code_is_never_posted_twice(ana: Customer) -> None:
    debt(ana, 100, code="D-1")
    text = PAYMENTS + f"P-1,A-1,D-1,PEN,40.00,{TODAY:%d/%m/%Y}\n"
    loaded("payments", text)
    assert counts(loaded("payments", text)) == (0, 0, 1, 0)
    other = loaded("payments", text.replace("40.00", "41.00"))
    assert counts(other) == (0, 0, 0, 1)
    assert Debt.objects.get().balance == Decimal(60)


def test_payments_are_on_the_timeline_and_keep_promises(ana: Customer) -> None:
    debt(ana, 100, code="D-1")
    promise = promises.register(ana, amount=soles(40), due_on=TODAY, by=None, at=NOW)
    loaded("payments", PAYMENTS + f"P-1,A-1,,PEN,40.00,{TODAY:%d/%m/%Y}\n")
    promise.refresh_from_db()
    assert promise.status == PromiseStatus.KEPT
    fact = Interaction.objects.get(origin=Origin.IMPORT)
    assert (fact.fact, fact.amount, fact.customer) == ("partial_payment", Decimal(40), ana)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("P-1,,,PEN,10.00,01/06/2026", "Número de documento"),
        ("P-1,NADIE,,PEN,10.00,01/06/2026", "Número de documento"),
        ("P-1,A-1,NADA,PEN,10.00,01/06/2026", "Código de deuda"),
        ("P-1,A-1,D-1,USD,10.00,01/06/2026", "Moneda"),
        ("P-1,A-1,D-1,PEN,10.00,11/06/2026", "Fecha de pago"),
    ],
)
def test_a_bad_payment_is_named_and_not_posted(ana: Customer, row: str, column: str) -> None:
    debt(ana, 100, code="D-1")
    run = loaded("payments", PAYMENTS + row + "\n")
    assert counts(run) == (0, 0, 0, 1)
    assert run.sample_rejects[0]["column"] == column
    assert not Payment.objects.exists()
