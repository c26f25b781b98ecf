"""``acuerdo export SHEET FILE --as EMAIL``: what that person's page shows, as xlsx or csv."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from acuerdo.organization.models import User
from acuerdo.organization.permissions import may
from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import registry
from acuerdo.spreadsheets.building import WRITERS


class Command(BaseCommand):
    help = __doc__ or ""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Python keeps the word to itself; people type it, so the usage says it."""
        return super().create_parser(prog_name, "export", **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sheet", help="customers, debts or interactions")
        parser.add_argument("file", type=Path, help="its ending, .xlsx or .csv, is the format")
        parser.add_argument("--as", dest="email", required=True, help="whose rights apply")
        parser.add_argument(
            "--where", action="append", default=[], metavar="KEY=VALUE", help="as in the page's URL"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(email__iexact=options["email"]).first()
        if by is None or not may(by, "exports.run"):
            raise CommandError(_("«%s» no puede exportar.") % options["email"])
        write = WRITERS.get(options["file"].suffix[1:].lower())
        if write is None:
            raise CommandError(_("El archivo tiene que terminar en .xlsx o .csv."))
        parameters = dict(pair.partition("=")[::2] for pair in options["where"])
        try:
            sheet = registry.export_sheet(options["sheet"])
            rows = write(options["file"], sheet, parameters, by=by)
        except (Refusal, OSError) as error:
            raise CommandError(getattr(error, "sentence", str(error))) from error
        self.stdout.write(_("%s filas.") % rows)
