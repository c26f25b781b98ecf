"""What the worker does, once, so that a walk can go step by step."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app

from acuerdo.primitives import clock


def run_jobs() -> None:
    """Every job that waits, by the worker's own machinery and on its own connection."""
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def drain_all(at: datetime | None = None) -> int:
    """Every loop of the worker until none has anything left to do; how much they did."""
    drains: list[Callable[[], int]] = [import_string(path) for path in settings.DRAINS]
    with clock.travel(at or clock.now()):
        done = 0
        while turn := sum(drain() for drain in drains):
            done += turn
    return done
