"""`acuerdo release-sending`: let messages leave again."""

from typing import Any

from django.core.management.base import BaseCommand

from acuerdo.organization import settings


class Command(BaseCommand):
    help = "Let messages leave again after a pause, for example after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        reason = settings.current().sending_paused_reason
        settings.release_sending()
        self.stdout.write(f"Envíos liberados. Estaban en pausa por: {reason or 'nada'}")
