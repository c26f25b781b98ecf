"""The sheets that the apps above declare, found in their ``sheets`` modules."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets.sheet import ExportSheet, ImportSheet

S = TypeVar("S", ImportSheet, ExportSheet)


@cache
def _modules() -> tuple[ModuleType, ...]:
    names = [f"{app}.sheets" for app in settings.DISCOVERED_APPS]
    return tuple(import_module(name) for name in names if find_spec(name))


def imports() -> dict[str, ImportSheet]:
    """What can be brought in, by name."""
    return {sheet.name: sheet for module in _modules() for sheet in getattr(module, "SHEETS", ())}


def exports() -> dict[str, ExportSheet]:
    """What can be taken out, by name."""
    return {sheet.name: sheet for module in _modules() for sheet in getattr(module, "EXPORTS", ())}


def import_sheet(name: str) -> ImportSheet:
    return _known(imports(), name)


def export_sheet(name: str) -> ExportSheet:
    return _known(exports(), name)


def _known(sheets: dict[str, S], name: str) -> S:
    if name not in sheets:
        raise Refusal(
            "unknown_sheet",
            _("No hay una planilla «%(name)s». Hay: %(names)s.")
            % {"name": name[:60], "names": ", ".join(sheets)},
            field="sheet",
        )
    return sheets[name]
