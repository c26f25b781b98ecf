"""Who reacts to which event: each app's ``subscribers.py`` has a table ``SUBSCRIPTIONS``.

A reaction is called in the dispatcher, after the fact was committed, and may be called
twice for the same event: it must not care. It must not talk to the outside either;
heavy work is deferred as one coarse job.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from acuerdo.events.catalogue import TYPES
from acuerdo.events.models import Event

Reaction = Callable[[Event], None]


@cache
def subscribers() -> dict[str, Mapping[str, Reaction]]:
    """Every discovered table by its app's name; raises KeyError for an unknown event type."""
    found = {}
    for app in settings.DISCOVERED_APPS:
        name = f"{app}.subscribers"
        if find_spec(name):
            found[app] = known(import_module(name).SUBSCRIPTIONS, name)
    return found


def known(table: Mapping[str, Reaction], name: str) -> Mapping[str, Reaction]:
    unknown = set(table) - TYPES
    if unknown:
        raise KeyError(f"{name} subscribes to {sorted(unknown)}, not in events/catalogue.py")
    return table
