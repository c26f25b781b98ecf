from collections.abc import Iterator

import pytest

from acuerdo.channels.whatsapp_cloud.tests.graph_server import Graph, serving


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as running:
        yield running
