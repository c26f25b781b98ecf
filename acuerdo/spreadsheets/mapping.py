"""How the columns of somebody's own file become ours, and a file's own way of writing."""

import unicodedata
from collections.abc import Callable
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

from django.utils.text import slugify
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets.cells import as_text
from acuerdo.spreadsheets.sheet import BadCell, Cell, Column, Form, ImportSheet

# A report may begin with a title; the line of headers is looked for this far down.
HEADER_WITHIN = 20


class Spec(BaseModel):
    """The mapping as it is written in a file or saved; see the how-to for each key."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sheet: str
    worksheet: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    date_format: str = ""
    decimal: Literal["", ".", ","] = ""
    custom: dict[str, str] = Field(default_factory=dict)
    skip_when_empty: list[str] = Field(default_factory=list)
    repeats: Literal["reject", "identical", "last"] = "reject"


@dataclass(frozen=True)
class Plan:
    """Where each value of a row comes from. ``missing`` are required columns not there."""

    taken: tuple[tuple[Column, int], ...]
    constants: dict[str, Any]
    required: tuple[Column, ...]
    custom: tuple[tuple[str, int], ...]
    custom_labels: dict[str, str]
    skip: tuple[int, ...]
    form: Form
    headers: tuple[str, ...] = ()
    ignored: tuple[str, ...] = field(default=())

    @cached_property
    def cleaners(self) -> list[tuple[str, int, Callable[[Cell], Any]]]:
        """Name, place and cleaner of each column taken; a file repeats most of its cells."""
        return [
            (column.name, place, lru_cache(maxsize=2_000, typed=True)(self._cleaner(column)))
            for column, place in self.taken
        ]

    def _cleaner(self, column: Column) -> Callable[[Cell], Any]:
        return lambda cell: column.clean(cell, self.form)


def parse(document: object, sheet: ImportSheet) -> Spec:
    """A checked mapping for ``sheet``; raises Refusal naming the key at fault."""
    try:
        spec = Spec.model_validate(document)
    except ValidationError as error:
        raise _bad(_first_fault(error)) from error
    if spec.sheet != sheet.name:
        raise _bad(
            _("es para la planilla «%(other)s» y se pidió «%(name)s»")
            % {"other": spec.sheet, "name": sheet.name}
        )
    known = {column.name for column in sheet.columns}
    for name in [*spec.columns, *spec.constants]:
        if name not in known:
            raise _bad(
                _("no existe la columna «%(name)s»; hay: %(names)s")
                % {"name": name, "names": ", ".join(sorted(known))}
            )
    if both := spec.columns.keys() & spec.constants.keys():
        raise _bad(_("«%(name)s» está en columns y en constants") % {"name": min(both)})
    for key in spec.custom:
        if slugify(key).replace("-", "_") != key:
            raise _bad(
                _("la clave «%(key)s» de custom lleva solo minúsculas, cifras y _") % {"key": key}
            )
    return spec


def with_constant(
    document: dict[str, Any] | None, sheet: ImportSheet, name: str, value: str
) -> dict[str, Any]:
    """A mapping that says ``value`` in every row, whatever the file's own column says."""
    spec = dict(document or {"sheet": sheet.name})
    spec["constants"] = {**spec.get("constants", {}), name: value}
    spec["columns"] = {
        key: header for key, header in spec.get("columns", {}).items() if key != name
    }
    return spec


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"]) or _("el documento")
    reasons = {
        "extra_forbidden": _("clave desconocida; hay: %s") % ", ".join(Spec.model_fields),
        "missing": _("falta"),
        "string_type": _("tiene que ser texto"),
        "dict_type": _("tiene que ser un objeto"),
        "list_type": _("tiene que ser una lista"),
        "model_type": _("tiene que ser un objeto"),
    }
    options = _("tiene que ser una de: %s") % fault.get("ctx", {}).get("expected", "")
    return f"{where}: {reasons.get(fault['type'], options)}"


def _bad(reason: str) -> Refusal:
    sentence = _("El mapa de columnas no sirve: %(reason)s.") % {"reason": reason}
    return Refusal("bad_mapping", sentence, field="mapping")


def folded(header: str) -> str:
    """A header without case, accents or punctuation, as headers are compared."""
    bare = unicodedata.normalize("NFKD", header.casefold())
    return "".join(sign for sign in bare if sign.isalnum())


def names_of(column: Column) -> set[str]:
    return {folded(name) for name in (str(column.header), column.name, *column.aliases)}


def is_header(cells: list[Cell], sheet: ImportSheet, spec: Spec | None) -> bool:
    """Whether this line names the columns that the file has to have."""
    found = {folded(as_text(cell)) for cell in cells} - {""}
    if spec and spec.columns:
        return all(folded(header) in found for header in spec.columns.values())
    constants = spec.constants if spec else {}
    needed = [c for c in sheet.columns if c.required and c.name not in constants]
    return all(names_of(column) & found for column in needed)


def plan(cells: list[Cell], sheet: ImportSheet, spec: Spec | None) -> Plan:
    """Match the line of headers; raises Refusal naming the columns that are not there."""
    headers = tuple(as_text(cell) for cell in cells)
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        places.setdefault(folded(header), place)
    places.pop("", None)
    spec = _with_own_names(spec or Spec(sheet=sheet.name), headers, sheet)
    form = Form(spec.date_format, spec.decimal)
    constants = _constants(spec, sheet, form)
    taken = tuple(
        (column, _place(places, spec.columns[column.name], headers))
        for column in sheet.columns
        if column.name in spec.columns
    )
    given = {column.name for column, _at in taken} | constants.keys()
    required = tuple(column for column in sheet.columns if column.required)
    absent = [str(column.header) for column in required if column.name not in given]
    if absent:
        raise _absent(absent, headers)
    used = {place for _column, place in taken}
    custom = tuple((key, _place(places, name, headers)) for key, name in spec.custom.items())
    used |= {place for _key, place in custom}
    return Plan(
        taken=taken,
        constants=constants,
        required=tuple(column for column in required if column.name not in constants),
        custom=custom,
        custom_labels=dict(spec.custom),
        skip=tuple(_place(places, name, headers) for name in spec.skip_when_empty),
        form=form,
        headers=headers,
        ignored=tuple(name for at, name in enumerate(headers) if name and at not in used),
    )


def suggest(headers: list[str], sheet: ImportSheet) -> dict[str, str]:
    """Our column for each header that is recognised by its name: a start for a mapping."""
    by_name = {name: column.name for column in sheet.columns for name in names_of(column)}
    found: dict[str, str] = {}
    for header in headers:
        name = by_name.get(folded(header))
        if name and name not in found:
            found[name] = header
    return found


def _with_own_names(spec: Spec, headers: tuple[str, ...], sheet: ImportSheet) -> Spec:
    """A mapping that names no column means: the headers are ours."""
    if spec.columns:
        return spec
    own = suggest(list(headers), sheet)
    columns = {name: header for name, header in own.items() if name not in spec.constants}
    return spec.model_copy(update={"columns": columns})


def _place(places: Dictionary[str, int], header: str, headers: tuple[str, ...]) -> int:
    if folded(header) not in places:
        raise _absent([header], headers)
    return places[folded(header)]


def _absent(names: list[str], headers: tuple[str, ...]) -> Refusal:
    found = [header for header in headers if header]
    return Refusal(
        "missing_columns",
        _(
            "Faltan las columnas: %(names)s. La hoja tiene: %(found)s. "
            "Use la plantilla o asigne las columnas."
        )
        % {"names": ", ".join(names), "found": ", ".join(found[:30])[:400] or _("ninguna")},
        field="upload",
    )


def _constants(spec: Spec, sheet: ImportSheet, form: Form) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, written in spec.constants.items():
        column = sheet.column(name)
        if column is None:
            continue
        try:
            values[name] = column.clean(written, form)
        except BadCell as bad:
            raise _bad(f"constants.{name}: {bad.reason}. {bad.remedy}") from bad
    return values
