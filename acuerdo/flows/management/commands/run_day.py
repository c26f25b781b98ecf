"""Plans and drains one day, with the clock set to it."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from acuerdo.flows import days
from acuerdo.organization import settings
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal


class Command(BaseCommand):
    help = "Planifica y envía un día entero, con el reloj puesto en él."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, help="AAAA-MM-DD (hoy)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="en JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        on = options["on"] or clock.today(settings.current().time_zone)
        try:
            ran = days.run(on=on)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        counts = {
            "on": on.isoformat(),
            "planned": ran.planned.planned,
            "postponed": ran.planned.postponed,
            "skipped": ran.planned.skipped,
            "reasons": dict(sorted(ran.planned.reasons.items())),
            "executed": ran.executed,
            "delivered": ran.delivered,
        }
        if options["as_json"]:
            self.stdout.write(json.dumps(counts, ensure_ascii=False))
            return
        self.stdout.write(
            f"{on}: {counts['planned']} planificados, {counts['postponed']} aplazados, "
            f"{counts['skipped']} omitidos; {ran.executed} ejecutados, "
            f"{ran.delivered} mensajes entregados al proveedor."
        )
