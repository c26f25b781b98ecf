"""How long functions, files and templates may grow (STYLE.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

SKIPPED = {".venv", ".data", "migrations", "node_modules", "static"}


def findings(root: Path, caps: dict[str, int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((*root.glob("*/**/*.py"), *root.glob("*.py"))):
        place = path.relative_to(root)
        if SKIPPED & set(place.parts):
            continue
        text = path.read_text()
        is_test = "tests" in place.parts
        _note(found, str(place), text.count("\n"), caps["test_file" if is_test else "file"])
        for name, length in _functions(ast.parse(text)):
            kind = _kind(place, name, is_test=is_test)
            _note(found, f"{place}::{name}", length, caps[kind])
    for path in sorted(root.glob("acuerdo/**/templates/**/*.*")):
        _note(found, str(path.relative_to(root)), path.read_text().count("\n"), caps["template"])
    return found


def _kind(place: Path, name: str, *, is_test: bool) -> str:
    if is_test and name.rpartition(".")[2].startswith("test_"):
        return "test_function"
    return "view" if place.name == "views.py" else "function"


def _note(found: dict[str, str], place: str, length: int, cap: int) -> None:
    if length > cap:
        found[place] = f"{length} lines, {cap} allowed"


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, int]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
