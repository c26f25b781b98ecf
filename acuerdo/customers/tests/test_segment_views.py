import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.customers import bulk, segments
from acuerdo.customers.models import Segment
from acuerdo.customers.segment_rules import ANY, FieldTest, Rule
from acuerdo.customers.tests.factories import NOW, customer
from acuerdo.organization.models import Role, User
from acuerdo.organization.tests.factories import portfolio, user

pytestmark = pytest.mark.django_db
LIST = reverse("customers:segments")
COMPANY = Rule(chosen=(("person", ("company",)),))


@pytest.fixture
def boss(client: Client) -> User:
    found = user(Role.ADMINISTRATOR)
    client.force_login(found)
    return found


def page(client: Client) -> str:
    return client.get(LIST).content.decode()


def test_what_was_typed_is_the_rule_and_comes_back_to_be_edited(client: Client, boss: User) -> None:
    bulk.declare_customer_fields({"score": "Puntaje"})
    typed = {
        "name": "Riesgo", "join": ANY, "person": "company", "country": ["PE", "CL"],
        "field_0": "score", "test_0": "more", "value_0": "700", "test_1": "is", "test_2": "is",
    }  # fmt: skip
    assert client.post(reverse("customers:segment_new"), typed).status_code == 302
    row = Segment.objects.get()
    rule = Rule.from_json(row.rule)
    assert set(rule.chosen) == {("person", ("company",)), ("country", ("PE", "CL"))}
    assert (rule.join, rule.fields) == (ANY, (FieldTest("score", "more", "700"),))
    form = client.get(reverse("customers:segment", args=[row.pk])).context["form"]
    assert (form["country"].value(), form["value_0"].value()) == (["PE", "CL"], "700")
    assert "Puntaje es mayor que 700" in page(client)


def test_a_refused_rule_says_why(client: Client, boss: User) -> None:
    answer = client.post(reverse("customers:segment_new"), {"name": "Todos", "join": "all"})
    assert answer.status_code == 422
    assert "al menos una condición" in answer.content.decode()


def test_the_counts_are_of_the_last_computation(client: Client, boss: User) -> None:
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    customer(portfolio(), is_company=True)
    before = page(client)
    assert "Hay cambios sin aplicar" in before
    answer = client.post(reverse("customers:segments_now"), follow=True).content.decode()
    assert "1 cliente cambió de segmento." in answer
    assert "Hay cambios sin aplicar" not in answer
    customer(portfolio(), is_company=True)
    assert [count for *_row, count in client.get(LIST).context["rows"]] == [1]


def test_up_and_down_and_away(client: Client, boss: User) -> None:
    first = segments.create("Empresas", COMPANY, by=boss, at=NOW)
    last = segments.create("Firmas", COMPANY, by=boss, at=NOW)
    client.post(reverse("customers:segment_position", args=[last.pk]), {"to": "up"})
    assert list(Segment.objects.all()) == [last, first]
    client.post(reverse("customers:segment_position", args=[last.pk]), {"to": "down"})
    assert list(Segment.objects.all()) == [first, last]
    client.post(reverse("customers:segment_removal", args=[first.pk]))
    assert list(Segment.objects.all()) == [last]


@pytest.mark.parametrize("name", ["customers:detail", "conversations:thread", "ledger:card"])
def test_the_customer_shows_the_segment(client: Client, boss: User, name: str) -> None:
    row = customer(portfolio(), is_company=True)
    segments.create("Grandes cuentas", COMPANY, by=boss, at=NOW)
    segments.recompute(at=NOW)
    assert "Grandes cuentas" in client.get(reverse(name, args=[row.pk])).content.decode()
