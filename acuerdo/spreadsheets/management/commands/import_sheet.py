"""``acuerdo import SHEET FILE``: check a file and apply it, in this process.

Exit code 0: every row went in or was there already. 1: the file, the mapping or an argument
cannot be read, and nothing was written. 2: some rows were rejected; the others went in.
Run again after it was killed, it takes up the same run where it stopped.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from acuerdo.organization import portfolios
from acuerdo.organization.models import Portfolio
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets import mapping, processing, registry, requests
from acuerdo.spreadsheets.models import ImportRun, ImportStatus
from acuerdo.spreadsheets.processing import COUNTS

SOME_REJECTED = 2


class Command(BaseCommand):
    help = __doc__ or ""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Python keeps the word to itself; people type it, so the usage says it."""
        return super().create_parser(prog_name, "import", **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sheet", help="customers, debts or payments")
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, help="JSON file that maps the columns")
        parser.add_argument("--dry-run", action="store_true", help="check, and write nothing")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
        parser.add_argument("--portfolio", help="code of the portfolio for new customers")
        parser.add_argument(
            "--create-portfolio", action="store_true", help="make that portfolio if it is not there"
        )
        parser.add_argument("--rejects", type=Path, help="write the rejected rows to this xlsx")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self.bring_in(options)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        except (OSError, json.JSONDecodeError) as error:
            raise CommandError(str(error)) from error
        if run.rejects and options["rejects"]:
            shutil.copyfile(run.rejects.path, options["rejects"])
        self.report(run, as_json=options["json"])
        if run.status == ImportStatus.UNREADABLE:
            raise CommandError(run.error)
        if run.rejected:
            sys.exit(SOME_REJECTED)

    def bring_in(self, options: dict[str, Any]) -> ImportRun:
        at = clock.now()
        if options["portfolio"] and options["create_portfolio"]:
            self.ensure_portfolio(options["portfolio"])
        with options["file"].open("rb") as file:
            run = requests.store(
                sheet=options["sheet"],
                upload=File(file),
                filename=options["file"].name,
                mapping=self.mapping(options),
                by=None,
                at=at,
            )
        cut_off = None if options["dry_run"] else requests.unfinished(run)
        if cut_off:
            self.tell(_("Se retoma una carga interrumpida de este archivo."))
            run.file.delete(save=False)
            run.delete()
            run = cut_off
            if run.status == ImportStatus.FAILED:
                requests.start_applying(run)
        else:
            processing.check(run, at=at, tell=self.progress)
            if run.status != ImportStatus.CHECKED:
                return run
            if options["dry_run"]:
                return requests.drop(run, by=None, at=at)
            requests.start_applying(run)
        return processing.apply(run, at=at, tell=self.progress)

    def mapping(self, options: dict[str, Any]) -> dict[str, Any] | None:
        spec = None
        if options["mapping"]:
            spec = json.loads(options["mapping"].read_text(encoding="utf-8"))
        sheet = registry.import_sheet(options["sheet"])
        if options["portfolio"] and sheet.column("portfolio"):
            self.check_portfolio(options["portfolio"])
            spec = mapping.with_constant(spec, sheet, "portfolio", options["portfolio"])
        return spec

    def ensure_portfolio(self, code: str) -> None:
        if not Portfolio.objects.filter(code=code).exists():
            portfolios.create(name=code, code=code, by=None, at=clock.now())

    def check_portfolio(self, code: str) -> None:
        if not Portfolio.objects.filter(code=code).exists():
            known = ", ".join(Portfolio.objects.values_list("code", flat=True)) or _("ninguna")
            raise Refusal(
                "unknown_portfolio",
                _("No hay una cartera «%(code)s». Hay: %(known)s.")
                % {"code": code, "known": known},
            )

    def progress(self, done: int, whole: int) -> None:
        self.tell(f"{done:,} / {whole:,}" if whole else f"{done:,}")

    def tell(self, words: str) -> None:
        self.stderr.write(words)

    def report(self, run: ImportRun, *, as_json: bool) -> None:
        outcome = {
            "run": run.pk,
            "sheet": run.sheet,
            "file": run.filename,
            "status": run.status,
            **{name: getattr(run, name) for name in COUNTS},
            "reasons": run.reject_reasons,
            "rejects": run.sample_rejects,
            "error": run.error,
        }
        if as_json:
            self.stdout.write(json.dumps(outcome, ensure_ascii=False))
            return
        self.stdout.write(
            _(
                "%(rows)s filas: %(new)s nuevas, %(changed)s cambian, %(unchanged)s sin cambios, "
                "%(repeated)s repetidas, %(skipped)s omitidas, %(rejected)s rechazadas."
            )
            % outcome
        )
        for reject in run.sample_rejects:
            self.stdout.write(
                _("Fila %(row)s, %(column)s «%(value)s»: %(reason)s. %(remedy)s.") % reject
            )
