"""Shows what would be planned on a date; writes nothing."""

import json
from collections import Counter
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from acuerdo.flows import planning
from acuerdo.organization import settings
from acuerdo.primitives import clock


class Command(BaseCommand):
    help = "Muestra lo que se planificaría en una fecha, sin escribir nada."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, help="AAAA-MM-DD (hoy)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="una lista JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        on = options["on"] or clock.today(settings.current().time_zone)
        rows = planning.preview(on=on)
        if options["as_json"]:
            self._write_json(rows)
            return
        counts: Counter[str] = Counter()
        for row in rows:
            counts[row["outcome"]] += 1
            why = f" ({row['reason']})" if row["reason"] else ""
            self.stdout.write(
                f"{row['customer']}  {row['step']}  {row['channel']}  {row['outcome']}{why}"
            )
        said = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
        self.stdout.write(f"{on}: {said or 'nada que hacer'}")

    def _write_json(self, rows: Any) -> None:
        """An array written row by row: the portfolio may be larger than the memory."""
        self.stdout.write("[", ending="")
        for number, row in enumerate(rows):
            separator = ",\n" if number else "\n"
            self.stdout.write(separator + json.dumps(row, ensure_ascii=False), ending="")
        self.stdout.write("\n]")
