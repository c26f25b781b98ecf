"""An empty workbook to fill in: the headers of a sheet, and a help sheet that explains them."""

from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from acuerdo.spreadsheets.sheet import ImportSheet

LISTED_ROWS = 5000


def build(sheet: ImportSheet) -> BytesIO:
    """Columns with few values offer them as a list; required headers are marked by colour."""
    file = BytesIO()
    workbook = xlsxwriter.Workbook(file, {"in_memory": True})
    bold = workbook.add_format({"bold": True, "bg_color": "#E8EBFA"})
    plain = workbook.add_format({"bold": True})
    data = workbook.add_worksheet(str(sheet.title)[:31])
    for place, column in enumerate(sheet.columns):
        data.write_string(0, place, str(column.header), bold if column.required else plain)
        data.set_column(place, place, max(14, len(str(column.header)) + 4))
        if column.choices and sum(map(len, column.choices)) < 240:
            options = {"validate": "list", "source": list(column.choices), "ignore_blank": True}
            data.data_validation(1, place, LISTED_ROWS, place, options)
    data.freeze_panes(1, 0)
    _explain(workbook, sheet, plain)
    workbook.close()
    file.seek(0)
    return file


def _explain(workbook: xlsxwriter.Workbook, sheet: ImportSheet, plain: object) -> None:
    # Importing skips a worksheet of this name.
    page = workbook.add_worksheet("Ayuda")
    heads = (_("Columna"), _("Obligatoria"), _("Qué escribir"), _("Ejemplo"), _("Valores"))
    for place, (head, width) in enumerate(zip(heads, (26, 12, 70, 24, 50), strict=True)):
        page.write_string(0, place, head, plain)
        page.set_column(place, place, width)
    for row, column in enumerate(sheet.columns, 1):
        required = _("Sí") if column.required else _("No")
        cells = (column.header, required, column.help, column.example, ", ".join(column.choices))
        for place, cell in enumerate(cells):
            page.write_string(row, place, str(cell))
