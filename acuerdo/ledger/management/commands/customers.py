"""Says who owes what on a day."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from acuerdo.ledger import days, portfolio
from acuerdo.primitives import clock


class Command(BaseCommand):
    help = "Lists every customer that owes: open, overdue and days past due by currency."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", default="", help="date, as 2026-06-30; today by default")
        parser.add_argument("--json", action="store_true", help="one JSON object per line")

    def handle(self, *args: Any, **options: Any) -> None:
        for row in portfolio.balances(on=_date(options["on"])):
            values = {
                "document": row.document,
                "name": row.name,
                "currency": row.currency,
                "open": str(row.open),
                "overdue": str(row.overdue),
                "days_past_due": row.days_past_due,
            }
            if options["json"]:
                self.stdout.write(json.dumps(values, ensure_ascii=False))
            else:
                self.stdout.write("\t".join(str(value) for value in values.values()))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else days.of(clock.now())
    except ValueError:
        sentence = _("«%s» no es una fecha. Escríbala como 2026-06-30.")
        raise CommandError(sentence % text) from None
