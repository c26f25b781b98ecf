"""Who may sign in to the demonstration, as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from acuerdo.simulator import cast


class Command(BaseCommand):
    help = "Print the sign-ins of the demonstration as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(cast.logins(), ensure_ascii=False, indent=2))
