"""``acuerdo import_template SHEET FILE``: write the workbook to fill in."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import blank, registry


class Command(BaseCommand):
    help = "Writes the xlsx template of a sheet (customers, debts, payments) to FILE."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sheet")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            blank.write(registry.import_sheet(options["sheet"]), options["file"])
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
