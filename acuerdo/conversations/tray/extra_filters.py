"""Filters of the list that belong to apps above: each brings ``inbox_filters.py``.

That module has a table ``FILTERS`` of ``Extra``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.db.models import Q

from acuerdo.organization.models import User
from acuerdo.ui.filtering import Words


@dataclass(frozen=True, slots=True)
class Extra:
    """One more filter. ``condition`` is about any rows with a customer, a portfolio and an adviser;
    None for a value that means nothing.

    ``options`` are the pairs of value and words that a user may choose.
    """

    key: str
    label: Words
    options: Callable[[User], Iterable[tuple[object, object]]]
    condition: Callable[[str], Q | None]


@cache
def found() -> Mapping[str, Extra]:
    """Every discovered filter by its key in the address."""
    extras: dict[str, Extra] = {}
    for app in settings.DISCOVERED_APPS:
        name = f"{app}.inbox_filters"
        if find_spec(name):
            extras |= {extra.key: extra for extra in import_module(name).FILTERS}
    return extras
