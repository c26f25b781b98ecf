"""A provider that misbehaves, and the line through which the product talks to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import SECRET, account
from tests.faults import running
from tests.faults.running import Fake


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Fake]:
    with running.fake(tmp_path, secret=SECRET) as found:
        yield found


@pytest.fixture
def line(fake: Fake) -> ChannelAccount:
    return account(url=fake.url)
