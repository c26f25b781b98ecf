from pathlib import Path

from acuerdo.server.tests.test_backup import acuerdo

ROW = "tipo de documento,número de documento,nombre,país\nCODIGO,A-1,Ada,US\n"


def test_the_first_command_of_an_empty_folder_finds_its_tables(data_dir: Path) -> None:
    table = data_dir.parent / "customers.csv"
    table.write_text(ROW, encoding="utf-8")
    answer = acuerdo(
        data_dir, "import", "customers", str(table), "--portfolio", "p", "--create-portfolio"
    )
    assert answer.returncode == 0, answer.stderr
    assert "preparing the tables" in answer.stderr
    assert "1 nuevas" in answer.stdout


def test_the_usage_of_a_command_says_the_word_that_is_typed(data_dir: Path) -> None:
    answer = acuerdo(data_dir, "import", "--help")
    assert answer.stdout.startswith("usage: acuerdo import ")


def test_the_doctor_looks_at_an_empty_database_and_leaves_it_so(data_dir: Path) -> None:
    answer = acuerdo(data_dir, "doctor")
    assert answer.returncode == 1
    assert "acuerdo migrate" in answer.stdout
