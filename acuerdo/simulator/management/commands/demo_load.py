"""Fills an empty installation with invented debtors."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from acuerdo.primitives import clock
from acuerdo.simulator import demo_data


class Command(BaseCommand):
    help = "Load invented debtors, with dates relative to today; a second time does nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=demo_data.CUSTOMERS)
        parser.add_argument("--seed", type=int, default=demo_data.SEED)

    def handle(self, *args: Any, **options: Any) -> None:
        made = demo_data.load(count=options["customers"], seed=options["seed"], at=clock.now())
        self.stdout.write(f"{made} customers loaded" if made else "the demo data is there already")
