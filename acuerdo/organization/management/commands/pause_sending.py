"""`acuerdo pause-sending`: the brake for everything that leaves by itself or by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from acuerdo.organization import settings
from acuerdo.primitives import clock


class Command(BaseCommand):
    help = "Hold every message until `acuerdo release-sending`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="Pausado por el administrador")

    def handle(self, *args: Any, **options: Any) -> None:
        settings.pause_sending(options["reason"], at=clock.now())
        self.stdout.write("Envíos en pausa. Para liberarlos: acuerdo release-sending")
