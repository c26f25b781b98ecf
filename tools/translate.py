"""The English catalogue: what the screens say in Spanish, found in the code and matched with it.

No gettext program is needed: templates are read by Django, code by ``ast``, files by Babel.
"""

import argparse
import ast
import io
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "acuerdo"
FOLDER = PACKAGE / "locale" / "en" / "LC_MESSAGES"
# Names of the functions of gettext, and how many of their arguments are texts.
FUNCTIONS = {"gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
LAID_ON = datetime(2026, 1, 1, tzinfo=UTC)
CALL = re.compile(r"\b(n?gettext|_)\(")

# A text, or a singular with its plural.
Key = str | tuple[str, str]


def wanted() -> dict[Key, list[str]]:
    """Every text that a screen may show, with the files that say it."""
    found: dict[Key, set[str]] = defaultdict(set)
    for path in sorted(PACKAGE.rglob("*.py")):
        if "tests" not in path.parts and "migrations" not in path.parts:
            for key in _of_code(path.read_text()):
                found[key].add(str(path.relative_to(ROOT)))
    for path in sorted([*PACKAGE.rglob("*.html"), *PACKAGE.rglob("templates/**/*.txt")]):
        if "tests" not in path.parts:
            for key in _of_template(path.read_text()):
                found[key].add(str(path.relative_to(ROOT)))
    return {key: sorted(places) for key, places in found.items()}


def _of_code(source: str) -> Iterator[Key]:
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name: FUNCTIONS[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in FUNCTIONS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield from _texts(node, names[node.func.id])


def _of_template(source: str) -> Iterator[Key]:
    """Django turns tags into calls; what lies between them becomes noise, so each is cut out."""
    code = templatize(source)
    for match in CALL.finditer(code):
        node = _call_at(code, match.start())
        if node is not None:
            yield from _texts(node, 2 if match[1] == "ngettext" else 1)


def _call_at(code: str, start: int) -> ast.Call | None:
    for end in (found.end() for found in re.finditer(r"\)", code[start:])):
        try:
            tree = ast.parse(code[start : start + end], mode="eval")
        except SyntaxError:
            continue
        return tree.body if isinstance(tree.body, ast.Call) else None
    return None


def _texts(node: ast.Call, number: int) -> Iterator[Key]:
    texts = [
        argument.value
        for argument in node.args[:number]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    if len(texts) == number and all(texts):
        yield texts[0] if number == 1 else (texts[0], texts[1])


def catalogue() -> Catalog:
    with (FOLDER / "django.po").open("rb") as file:
        return read_po(file, locale="en")


def missing() -> dict[Key, list[str]]:
    """The texts that have no English yet, with the files that say them."""
    known = catalogue()
    lacking = {}
    for key, places in wanted().items():
        message = known.get(key)
        strings = message.string if message is not None else ""
        if not (all(strings) if isinstance(strings, tuple) else strings):
            lacking[key] = places
    return lacking


def unused() -> list[Key]:
    used = wanted()
    return [message.id for message in catalogue() if message.id and message.id not in used]


def rewrite(english: dict[str, str | list[str]]) -> None:
    """Lay the catalogue out anew: every wanted text in order, ``english`` added, the rest dropped."""
    known = catalogue() if (FOLDER / "django.po").exists() else Catalog(locale="en")
    # Today's date in the header would make every run a change.
    dates = {"creation_date": LAID_ON, "revision_date": LAID_ON}
    laid = Catalog(locale="en", project="Acuerdo", fuzzy=False, charset="utf-8", **dates)
    laid.header_comment = "# What the screens say in Spanish, in English. See tools/translate.py."
    for key, places in sorted(wanted().items(), key=lambda item: str(item[0])):
        message = known.get(key)
        given = english.get(key if isinstance(key, str) else key[0])
        string = message.string if message is not None else ""
        if given:
            string = given if isinstance(given, str) else tuple(given)
        if isinstance(key, tuple) and isinstance(string, str):
            string = (string, string)
        laid.add(key, string, locations=[(place, None) for place in places])  # type: ignore[list-item]
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "django.po").write_bytes(po_bytes(laid))
    (FOLDER / "django.mo").write_bytes(mo_bytes(laid))


def po_bytes(laid: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, laid, width=100, omit_header=False, include_lineno=False)
    return file.getvalue()


def mo_bytes(laid: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, laid)
    return file.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/translate", description=__doc__)
    parser.add_argument("--missing", action="store_true", help="list what has no English yet")
    parser.add_argument("--json", action="store_true", help="... as JSON to fill in")
    parser.add_argument("--add", metavar="FILE", help="take English texts from a JSON file")
    options = parser.parse_args()
    if not options.missing:
        rewrite(json.loads(Path(options.add).read_text()) if options.add else {})
    lacking = missing()
    if options.json:
        print(json.dumps({_first(key): "" for key in lacking}, ensure_ascii=False, indent=0))
    else:
        for key, places in lacking.items():
            print(f"{places[0]}: {_first(key)!r}")
    print(f"{len(lacking)} without English", file=sys.stderr)
    return 1 if lacking else 0


def _first(key: Key) -> str:
    return key if isinstance(key, str) else key[0]


if __name__ == "__main__":
    sys.exit(main())
