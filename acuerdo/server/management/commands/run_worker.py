"""Runs the worker until it is told to stop."""

from typing import Any

from django.core.management.base import BaseCommand

from acuerdo.config import worker


class Command(BaseCommand):
    help = "Run the worker: jobs, deliveries, inbound messages and flows."

    def handle(self, *args: Any, **options: Any) -> None:
        worker.main()
