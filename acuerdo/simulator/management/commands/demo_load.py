"""Fills an empty installation with invented debtors."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from acuerdo.organization import settings as organization
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.simulator import cast, demo_data, lines


class Command(BaseCommand):
    help = "Load invented debtors, with dates relative to today; later only find the simulator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=demo_data.CUSTOMERS)
        parser.add_argument("--seed", type=int, default=demo_data.SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_real_installations()
        organization.follow_clock()
        made = demo_data.load(count=options["customers"], seed=options["seed"], at=clock.now())
        lines.point_all()
        if settings.PROVIDER_LOG:
            lines.write_down(Path(settings.PROVIDER_LOG))
        self.stdout.write(f"{made} customers loaded" if made else "the demo data is there already")


def _refuse_real_installations() -> None:
    """The demonstration's people have a password that everybody knows, and its clock is moved."""
    if not settings.DEMO:
        raise CommandError("Only a demonstration has demo data: start it with `acuerdo demo`.")
    if User.objects.exists() and not cast.is_loaded():
        raise CommandError("This database belongs to an installation: name an empty one.")
