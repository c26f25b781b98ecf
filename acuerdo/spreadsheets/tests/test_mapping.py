import pytest

from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import cells, mapping
from acuerdo.spreadsheets.sheet import Column, ImportSheet, Stage

COLUMNS = (
    Column("code", "Código de deuda", cells.text(60), "", required=True, aliases=("cod_credito",)),
    Column("amount", "Monto", cells.amount, "", required=True),
    Column("currency", "Moneda", cells.currency, ""),
)


def classify(stage: Stage) -> str:
    raise AssertionError("a mapping is read before anything is classified")


SHEET = ImportSheet(
    name="debts",
    title="Deudas",
    columns=COLUMNS,
    stage=(),
    identity=("code",),
    identity_column="code",
    finish=lambda _terms: lambda _values: (),
    classify=classify,
    apply=lambda _chunk: None,
    event="debts.imported",
)


def taken(plan: mapping.Plan) -> dict[str, int]:
    return {column.name: place for column, place in plan.taken}


def test_our_own_headers_need_no_mapping_in_any_case_or_accent() -> None:
    plan = mapping.plan(["  CODIGO de Deuda ", "x", "monto"], SHEET, None)
    assert taken(plan) == {"code": 0, "amount": 2}
    assert plan.ignored == ("x",)


def test_other_names_of_a_column_are_known() -> None:
    assert mapping.suggest(["Cod_Credito", "MONTO"], SHEET) == {
        "code": "Cod_Credito",
        "amount": "MONTO",
    }


def test_missing_columns_are_named_beside_those_that_are_there() -> None:
    with pytest.raises(Refusal) as caught:
        mapping.plan(["Cliente", "Monto"], SHEET, None)
    assert "Código de deuda" in caught.value.sentence
    assert "Cliente" in caught.value.sentence


def test_a_constant_stands_for_a_required_column() -> None:
    spec = mapping.parse({"sheet": "debts", "constants": {"amount": "10,5"}, "decimal": ","}, SHEET)
    plan = mapping.plan(["código de deuda"], SHEET, spec)
    assert str(plan.constants["amount"]) == "10.5"


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"columns": {}}, "sheet"),
        ({"sheet": "payments"}, "payments"),
        ({"sheet": "debts", "colums": {}}, "colums"),
        ({"sheet": "debts", "columns": {"codee": "x"}}, "codee"),
        ({"sheet": "debts", "columns": ["x"]}, "columns"),
        ({"sheet": "debts", "columns": {"code": 3}}, "columns.code"),
        ({"sheet": "debts", "decimal": ";"}, "decimal"),
        ({"sheet": "debts", "repeats": "merge"}, "repeats"),
        ({"sheet": "debts", "columns": {"code": "a"}, "constants": {"code": "b"}}, "code"),
        ({"sheet": "debts", "custom": {"Más": "x"}}, "Más"),
        ([], "documento"),
        ("text", "documento"),
    ],
)
def test_a_wrong_mapping_names_the_key_at_fault(document: object, named: str) -> None:
    with pytest.raises(Refusal) as caught:
        mapping.parse(document, SHEET)
    assert named in caught.value.sentence


def test_a_wrong_constant_names_its_key() -> None:
    spec = mapping.parse({"sheet": "debts", "constants": {"currency": "SOL"}}, SHEET)
    with pytest.raises(Refusal, match="bad_mapping") as caught:
        mapping.plan(["codigo de deuda", "monto"], SHEET, spec)
    assert "constants.currency" in caught.value.sentence
