"""Strategies as files: ``flows load FILE.yaml`` and ``flows dump``."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from acuerdo.flows import files
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal


class Command(BaseCommand):
    help = "Carga una estrategia desde un archivo YAML, o la escribe."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        load = actions.add_parser("load", help="carga los flujos del archivo")
        load.add_argument("file", type=Path)
        actions.add_parser("dump", help="escribe todos los flujos en YAML")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["action"] == "dump":
            self.stdout.write(files.dump())
        else:
            self._load(options["file"])

    def _load(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"No se puede leer {path}: {error}") from error
        try:
            flows = files.load(text, by=None, at=clock.now())
        except Refusal as refusal:
            raise CommandError(f"{path}: {refusal.sentence}") from refusal
        for flow in flows:
            count = flow.steps.filter(is_active=True).count()
            self.stdout.write(f"{flow.name}: {count} pasos.")
