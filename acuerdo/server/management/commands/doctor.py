"""`acuerdo doctor`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from acuerdo.server import doctor

MARKS = {"ok": "ok  ", "warn": "WARN", "bad": "BAD "}


class Command(BaseCommand):
    help = "Look for what is wrong with this installation and say how to put it right."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        worst = 0
        for each in doctor.examine():
            self.stdout.write(f"{MARKS[each.state]}  {each.subject:<11} {each.words}")
            if each.remedy:
                self.stdout.write(f"      {'':<11} -> {each.remedy}")
            worst = max(worst, int(each.state == "bad"))
        sys.exit(worst)
