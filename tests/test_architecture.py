"""What the import contracts cannot see: relations given by name, and who writes entries."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import DatabaseError, models
from django.db.migrations import AlterField
from django.db.migrations.loader import MigrationLoader

from acuerdo.customers.tests import factories as customers
from acuerdo.ledger.tests import factories as ledger
from acuerdo.organization.tests import factories as organization

# From the top down; apps of one line never refer to each other.
LAYERS = (
    {"server"},
    {"simulator"},
    {"flows", "portal", "reports"},
    {"calls"},
    {"conversations"},
    {"ledger"},
    {"contact_policy"},
    {"interactions"},
    {"customers", "channels"},
    {"spreadsheets"},
    {"events"},
    {"organization"},
    {"ui"},
)
PACKAGE = Path(__file__).parent.parent / "acuerdo"


def depth(label: str) -> int:
    return next(place for place, layer in enumerate(LAYERS) if label in layer)


def relations() -> list[tuple[type[models.Model], type[models.Model]]]:
    ours = [model for model in apps.get_models() if model.__module__.startswith("acuerdo.")]
    return [
        (model, field.related_model)
        for model in ours
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and isinstance(field.related_model, type)
    ]


def test_every_foreign_key_points_down_the_layers() -> None:
    wrong = []
    for model, target in relations():
        here, there = model._meta.app_label, target._meta.app_label
        ours = target.__module__.startswith("acuerdo.")
        if ours and here != there and depth(there) <= depth(here):
            wrong.append(f"{model.__name__} > {target.__name__}")
    assert wrong == []
    assert len(relations()) > 20


def test_no_migration_checks_a_foreign_key_anew() -> None:
    """Django drops and makes the constraint again: every row is read, and nobody writes meanwhile."""
    altered = [
        f"{migration.app_label}.{migration.name}"
        for migration in MigrationLoader(None).disk_migrations.values()
        if migration.__module__.startswith("acuerdo.")
        for each in migration.operations
        if isinstance(each, AlterField) and each.field.is_relation
    ]
    assert altered == []


def test_every_app_has_its_layer() -> None:
    labels = {config.label for config in apps.get_app_configs() if "acuerdo" in config.name}
    assert labels <= set().union(*LAYERS)


def test_only_the_entries_module_makes_entries() -> None:
    writers = set()
    for path in PACKAGE.rglob("*.py"):
        if "tests" in path.parts or "migrations" in path.parts:
            continue
        if "ledger_entry" in _statements(path) or "Entry.objects" in _calls(path, "Entry"):
            writers.add(path.relative_to(PACKAGE).as_posix())
    assert writers <= {"ledger/entries.py", "ledger/bulk.py"}


def _statements(path: Path) -> str:
    """The texts of a module that insert into the table of entries."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return " ".join(
        text for text in texts if isinstance(text, str) and "INSERT INTO ledger_entry" in text
    )


def _calls(path: Path, name: str) -> str:
    """``Entry.objects`` where the module took ``Entry`` from the ledger's models."""
    source = path.read_text(encoding="utf-8")
    return (
        f"{name}.objects"
        if "models.entry import Entry" in source and f"{name}.objects" in source
        else ""
    )


@pytest.mark.django_db
def test_the_database_refuses_to_change_an_entry() -> None:
    customer = customers.customer(organization.portfolio())
    entry = ledger.debt(customer).entries.get()
    with pytest.raises(DatabaseError):
        type(entry).objects.filter(pk=entry.pk).update(note="otra")
