from collections.abc import Iterator

import pytest
from django.test import override_settings

from acuerdo.channels.adapter import Unfetchable
from acuerdo.channels.whatsapp_cloud.adapter import ADAPTER
from acuerdo.channels.whatsapp_cloud.tests.factories import account
from acuerdo.channels.whatsapp_cloud.tests.graph_server import Graph

PICTURE = b"\xff\xd8\xff real bytes"


def told(graph: Graph, url: str) -> None:
    content = {"url": url, "mime_type": "image/jpeg", "sha256": "x", "file_size": 14, "id": "17"}
    graph.answer("/17", content | {"messaging_product": "whatsapp"})
    graph.answer("/file", PICTURE)


@pytest.fixture
def trusted(graph: Graph) -> Iterator[Graph]:
    with override_settings(OUTBOUND_ALLOWED=[graph.url.removeprefix("http://")]):
        yield graph


def test_file_is_asked_for_in_two_steps_with_our_token(trusted: Graph) -> None:
    graph = trusted
    told(graph, f"{graph.url}/file")
    line = account(graph.url, media_hosts="127.0.0.1")
    file = ADAPTER.fetch_media(line, "17", most_bytes=1000)
    assert (file.content, file.content_type) == (PICTURE, "image/jpeg")
    assert {one.headers["Authorization"] for one in graph.asked} == {"Bearer EAAG-test"}
    with pytest.raises(Unfetchable) as fault:
        ADAPTER.fetch_media(line, "17", most_bytes=5)
    assert fault.value.is_final


def test_token_goes_to_nobody_but_the_provider(trusted: Graph) -> None:
    graph = trusted
    for url in (f"{graph.url}/file", "https://evil.test/file", "https://169.254.169.254/"):
        told(graph, url)
        with pytest.raises(Unfetchable) as fault:
            ADAPTER.fetch_media(account(graph.url), "17", most_bytes=1000)
        assert fault.value.is_final
    assert all(one.path.endswith("/17") for one in graph.asked)


def test_file_that_is_gone_is_not_asked_for_again(graph: Graph) -> None:
    graph.error(100, status=400, path="/17")
    with pytest.raises(Unfetchable) as fault:
        ADAPTER.fetch_media(account(graph.url), "17", most_bytes=1000)
    assert fault.value.is_final
    with pytest.raises(Unfetchable):
        ADAPTER.fetch_media(account(graph.url), "../me", most_bytes=1000)
