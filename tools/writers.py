"""Only the app that owns a table writes its rows; others call its operations.

Seen here: managers (`Debt.objects.filter(...).update(...)`), rows held in an annotated name
(`debt.save()`, `debt.balance = ...`), and tables named in SQL. What is built at run time is not.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

VERBS = {
    "create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update",
    "delete", "save", "acreate", "aupdate", "adelete", "asave",
}  # fmt: skip
SQL = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY|TRUNCATE|MERGE\s+INTO)\s+(?:ONLY\s+)?\"?(\w+)",
    re.IGNORECASE,
)


def findings(root: Path) -> dict[str, str]:
    package = root / "acuerdo"
    apps = {each.name for each in package.iterdir() if (each / "__init__.py").exists()}
    found: dict[str, str] = {}
    for path in sorted(package.glob("**/*.py")):
        place = path.relative_to(root)
        if {"tests", "migrations"} & set(place.parts):
            continue
        own = place.parts[1]
        tree = ast.parse(path.read_text())
        foreign = dict(_foreign_models(tree, own))
        for name, line in (*_writes(tree, foreign), *_sql_writes(tree, own, apps)):
            found.setdefault(f"{place}::{name}", f"line {line}: written outside its app")
    return found


def _foreign_models(tree: ast.AST, own: str) -> Iterator[tuple[str, str]]:
    """Local name and app of each model class that comes from another app."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        package, _, rest = node.module.partition(".")
        app, _, module = rest.partition(".")
        if package == "acuerdo" and app != own and module.split(".")[0] == "models":
            for alias in node.names:
                yield alias.asname or alias.name, app


def _writes(tree: ast.AST, foreign: dict[str, str]) -> Iterator[tuple[str, int]]:
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _row_writes(scope, foreign)
        if not isinstance(scope, ast.Call) or not isinstance(scope.func, ast.Attribute):
            continue
        steps = list(_chain(scope.func))
        if scope.func.attr in VERBS and steps[-1] in foreign and "objects" in steps:
            yield steps[-1], scope.lineno


def _row_writes(
    function: ast.FunctionDef | ast.AsyncFunctionDef, foreign: dict[str, str]
) -> Iterator[tuple[str, int]]:
    parameters = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    rows = {
        each.arg: each.annotation.id
        for each in parameters
        if isinstance(each.annotation, ast.Name) and each.annotation.id in foreign
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            held = node.func.value
            if isinstance(held, ast.Name) and held.id in rows and node.func.attr in VERBS:
                yield rows[held.id], node.lineno
        for target in _targets(node):
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                name = target.value.id
                if name in rows:
                    yield rows[name], target.lineno


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def _chain(node: ast.expr) -> Iterator[str]:
    """`Debt.objects.filter(...).update` gives update, filter, objects, Debt."""
    while True:
        if isinstance(node, ast.Attribute):
            yield node.attr
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            yield node.id if isinstance(node, ast.Name) else ""
            return


def _sql_writes(tree: ast.AST, own: str, apps: set[str]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        for table in SQL.findall(node.value):
            owner = next((app for app in apps if table.lower().startswith(f"{app}_")), own)
            if owner != own:
                yield table.lower(), node.lineno
