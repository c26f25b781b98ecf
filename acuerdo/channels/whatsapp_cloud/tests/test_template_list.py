import pytest

from acuerdo.channels import provider_templates
from acuerdo.channels.adapter import AccountNotice
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import NOW
from acuerdo.channels.whatsapp_cloud.tests.factories import BUSINESS, account
from acuerdo.channels.whatsapp_cloud.tests.graph_server import Graph
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


def line(graph: Graph) -> ChannelAccount:
    row = account(graph.url)
    row.save()
    return row


def listed(name: str, **changes: object) -> dict[str, object]:
    return {
        "name": name,
        "language": "es_PE",
        "status": "APPROVED",
        "category": "UTILITY",
        "id": f"id-{name}",
        "quality_score": {"score": "GREEN", "date": 1773150000},
        "components": [{"type": "BODY", "text": "Hola {{1}}"}],
    } | changes


def pages(graph: Graph, *contents: list[dict[str, object]]) -> None:
    """Each page names the next by its cursor, and by an address that must not be followed."""
    answers = []
    for place, content in enumerate(contents):
        more: dict[str, object] = {"cursors": {"before": "x", "after": f"c{place + 1}"}}
        if place + 1 < len(contents):
            more["next"] = "http://169.254.169.254/latest"
        answers.append({"data": content, "paging": more})
    for place, answer in enumerate(answers):
        graph.answer(f"after=c{place}" if place else "limit=100", answer)


def test_list_is_copied_over_all_its_pages(graph: Graph) -> None:
    row = line(graph)
    pages(graph, [listed("a"), {"bad": 1}], [listed("b", status="PAUSED")], [listed("c")])
    assert provider_templates.sync(row, at=NOW) == (3, 0)
    found = {each.name: each.status for each in row.templates.all()}
    assert found == {"a": "APPROVED", "b": "PAUSED", "c": "APPROVED"}
    assert len(graph.asked) == 3
    assert all(f"/{BUSINESS}/message_templates" in one.path for one in graph.asked)


def test_what_is_no_longer_listed_is_marked_once(graph: Graph) -> None:
    row = line(graph)
    pages(graph, [listed("a"), listed("b")])
    provider_templates.sync(row, at=NOW)
    pages(graph, [listed("a", category="MARKETING")])
    assert provider_templates.sync(row, at=NOW) == (1, 1)
    assert provider_templates.sync(row, at=NOW) == (1, 0)
    assert row.templates.get(name="a").category == "MARKETING"
    assert "lista" in provider_templates.fault(row.templates.get(name="b"))


def test_list_that_breaks_off_changes_nothing(graph: Graph) -> None:
    row = line(graph)
    pages(graph, [listed("a")])
    provider_templates.sync(row, at=NOW)
    pages(graph, [listed("z")], [listed("y")])
    graph.error(190, status=401, path="after=c1")
    with pytest.raises(Refusal) as refusal:
        provider_templates.sync(row, at=NOW)
    assert refusal.value.code == "unfetchable"
    assert [each.name for each in row.templates.all()] == ["a"]


def test_news_of_a_template_is_heeded(graph: Graph) -> None:
    row = line(graph)
    pages(graph, [listed("a"), listed("b")])
    provider_templates.sync(row, at=NOW)
    for kind, value in (
        ("template", "PAUSED"),
        ("template", "category:MARKETING"),
        ("quality", "RED"),
    ):
        notice = AccountNotice(kind, value, name="a", language="es_PE")
        provider_templates.heed(row, notice, at=NOW)
    a, b = row.templates.order_by("name")
    assert (a.status, a.category, a.quality) == ("PAUSED", "MARKETING", "RED")
    assert (b.status, b.category, b.quality) == ("APPROVED", "UTILITY", "GREEN")
    assert provider_templates.fault(a)
    assert not provider_templates.fault(b)
