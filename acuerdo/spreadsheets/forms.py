"""What somebody chooses about a file."""

from typing import Any, cast

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from acuerdo.organization.access import scope
from acuerdo.organization.models import Portfolio, User
from acuerdo.spreadsheets import mapping, registry
from acuerdo.spreadsheets.models import Mapping
from acuerdo.spreadsheets.preview import Head
from acuerdo.spreadsheets.sheet import ImportSheet

IGNORED = ""
CUSTOM = "custom"
DATE_FORMATS = (
    ("", _("Reconocer")),
    ("%d/%m/%Y", _("31/12/2026 (día primero)")),
    ("%m/%d/%Y", _("12/31/2026 (mes primero)")),
    ("%Y-%m-%d", _("2026-12-31")),
)
DECIMALS = (("", _("Reconocer")), (",", _("1.234,56 (coma)")), (".", _("1,234.56 (punto)")))


class UploadForm(forms.Form):
    sheet = forms.ChoiceField(label=_("Qué se carga"))
    upload = forms.FileField(
        label=_("Archivo"), help_text=_("Excel (.xlsx) o CSV, hasta 60 MB. Nada se guarda todavía.")
    )
    mapping = forms.ModelChoiceField(
        label=_("Mapa de columnas"),
        queryset=Mapping.objects.order_by("name"),
        required=False,
        empty_label=_("Reconocer por los títulos"),
    )
    portfolio = forms.ModelChoiceField(
        label=_("Cartera"),
        queryset=Portfolio.objects.none(),
        required=False,
        empty_label=_("La que diga el archivo"),
        help_text=_("Todos los clientes del archivo quedan en ella."),
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        reach, working = scope(user).portfolios, Portfolio.objects.filter(is_active=True)
        choice = working if reach is None else working.filter(pk__in=reach)
        cast("forms.ModelChoiceField[Portfolio]", self.fields["portfolio"]).queryset = choice
        # One portfolio is no choice: new customers go there anyway.
        self.has_choice = len(choice[:2]) > 1
        sheet = cast(forms.ChoiceField, self.fields["sheet"])
        sheet.choices = [(name, found.title) for name, found in registry.imports().items()]

    def clean(self) -> dict[str, object]:
        chosen = self.cleaned_data.get("mapping")
        if chosen and chosen.sheet != self.cleaned_data.get("sheet"):
            self.add_error("mapping", _("Ese mapa es de otra planilla."))
        return self.cleaned_data

    @property
    def spec(self) -> dict[str, Any] | None:
        """The chosen mapping, with the chosen portfolio in every row of a sheet that has one."""
        chosen, portfolio = self.cleaned_data["mapping"], self.cleaned_data["portfolio"]
        spec = chosen.spec if chosen else None
        sheet = registry.import_sheet(self.cleaned_data["sheet"])
        if portfolio and sheet.column("portfolio"):
            return mapping.with_constant(spec, sheet, "portfolio", portfolio.code)
        return spec


class ColumnsForm(forms.Form):
    """One choice per column of the file, and a constant for what no column carries."""

    name = forms.CharField(label=_("Guardar este mapa como"), max_length=120, required=False)
    date_format = forms.ChoiceField(label=_("Fechas"), choices=DATE_FORMATS, required=False)
    decimal = forms.ChoiceField(label=_("Decimales"), choices=DECIMALS, required=False)

    def __init__(
        self,
        *args: object,
        heads: list[Head],
        sheet: ImportSheet,
        spec: mapping.Spec | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.heads = heads
        self.sheet = sheet
        headers = [head.header for head in heads]
        taken = spec.columns if spec and spec.columns else mapping.suggest(headers, sheet)
        ours = {header: name for name, header in taken.items()}
        ours |= dict.fromkeys(spec.custom.values() if spec else (), CUSTOM)
        choices = [
            (IGNORED, _("No importar")),
            *((column.name, column.header) for column in sheet.columns),
            (CUSTOM, _("Guardar como campo propio")),
        ]
        for place, head in enumerate(heads):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=head.header,
                choices=choices,
                required=False,
                initial=ours.get(head.header, IGNORED),
            )
        for column in sheet.columns:
            self.fields[f"constant_{column.name}"] = forms.CharField(
                label=column.header,
                required=False,
                max_length=120,
                initial=(spec.constants.get(column.name, "") if spec else ""),
                help_text=str(column.help),
            )

    @property
    def rows(self) -> list[tuple[Head, forms.BoundField]]:
        return [(head, self[f"column_{place}"]) for place, head in enumerate(self.heads)]

    @property
    def constants(self) -> list[forms.BoundField]:
        """For what the file does not carry; a column that was recognised needs none."""
        shown = (self[f"constant_{column.name}"] for column in self.sheet.columns)
        given = {str(self[f"column_{place}"].value()) for place in range(len(self.heads))}
        return [field for field in shown if field.name.removeprefix("constant_") not in given]

    def clean(self) -> dict[str, object]:
        chosen = [self.cleaned_data.get(f"column_{place}", "") for place in range(len(self.heads))]
        for place, name in enumerate(chosen):
            if name not in {IGNORED, CUSTOM} and chosen.index(name) != place:
                self.add_error(f"column_{place}", _("Otra columna ya ocupa este dato."))
        return self.cleaned_data

    @property
    def document(self) -> dict[str, object]:
        """The mapping as ``spreadsheets.mapping`` reads it."""
        pairs = [
            (head.header, self.cleaned_data[f"column_{place}"])
            for place, head in enumerate(self.heads)
        ]
        columns = {name: header for header, name in pairs if name not in {IGNORED, CUSTOM}}
        custom = {_key(header): header for header, name in pairs if name == CUSTOM}
        constants = {
            column.name: value
            for column in self.sheet.columns
            if (value := self.cleaned_data[f"constant_{column.name}"])
            and column.name not in columns
        }
        return {
            "sheet": self.sheet.name,
            "columns": columns,
            "constants": constants,
            "custom": custom,
            "date_format": self.cleaned_data["date_format"],
            "decimal": self.cleaned_data["decimal"],
        }


def _key(header: str) -> str:
    return slugify(header).replace("-", "_")[:60] or "campo"
