import ast
from pathlib import Path

from tools import sizes, writers

CAPS = {"function": 5, "view": 3, "file": 20, "test_file": 30, "test_function": 4, "template": 6}


def package(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / "acuerdo" / name.replace("__", "/")
        path = path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text)
    return root


def test_a_manager_of_another_app_may_not_write(tmp_path: Path) -> None:
    text = (
        "from acuerdo.ledger.models import Debt\n"
        "def f(): Debt.objects.filter(pk=1).update(balance=0)\n"
        "def g(): return Debt.objects.filter(pk=1).first()\n"
    )
    found = writers.findings(package(tmp_path, calls__tray=text, ledger__models=""))
    assert list(found) == ["acuerdo/calls/tray.py::Debt"]


def test_a_row_of_another_app_may_not_be_changed(tmp_path: Path) -> None:
    text = "from acuerdo.ledger.models.debt import Debt\ndef f(debt: Debt): debt.balance = 0\n"
    assert writers.findings(package(tmp_path, calls__tray=text, ledger__debts=""))


def test_sql_may_not_write_another_apps_table(tmp_path: Path) -> None:
    text = 'SQL = """UPDATE ledger_debt SET balance = 0"""\n'
    root = package(tmp_path, calls__tray=text, ledger__debts=text)
    assert list(writers.findings(root)) == ["acuerdo/calls/tray.py::ledger_debt"]


def test_the_owner_writes_freely(tmp_path: Path) -> None:
    text = "from acuerdo.ledger.models import Debt\ndef f(debt: Debt): debt.save()\n"
    assert not writers.findings(package(tmp_path, ledger__debts=text))


def test_long_functions_and_views_are_named(tmp_path: Path) -> None:
    body = "".join(f"    a{number} = 1\n" for number in range(3))
    root = package(tmp_path, calls__views=f"def page():\n{body}", calls__tray=f"def f():\n{body}")
    assert list(sizes.findings(root, CAPS)) == ["acuerdo/calls/views.py::page"]


def test_methods_count_as_functions() -> None:
    tree = ast.parse("class Tray:\n    def rows(self):\n        return 1\n")
    assert list(sizes._functions(tree)) == [("Tray.rows", 2)]
