"""What was recorded, for the tests of apps below the log too."""

from collections.abc import Callable

import pytest

from acuerdo.events.models import Event


@pytest.fixture
def recorded(db: None) -> Callable[[str], Event]:
    """The one event of a type; fails when there is none or more."""
    return lambda type_: Event.objects.get(type=type_)
