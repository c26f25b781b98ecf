import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.customers import bulk, segmentation, segments
from acuerdo.customers.models import Segment, Segmentation
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


def test_the_page_says_that_it_runs_and_when_it_ended(client: Client, boss: User) -> None:
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    assert "Hay cambios sin aplicar" in page(client)
    client.post(reverse("customers:segments_now"))
    running = page(client)
    assert "Los segmentos se actualizan desde" in running
    assert "every 2s" in running
    assert "Hay cambios sin aplicar" not in running
    segmentation.resume(at=NOW)
    ended = page(client)
    assert "Última actualización" in ended
    assert "every 2s" not in ended


def test_a_computation_that_failed_says_so(client: Client, boss: User) -> None:
    segmentation.want(by=boss, at=NOW)
    Segmentation.objects.update(asked_at=None, failed_at=NOW)
    assert "falló" in page(client)


def test_what_was_never_counted_by_portfolio_is_no_nought(client: Client, boss: User) -> None:
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    segmentation.recompute(at=NOW, by=boss)
    assert client.get(LIST).context["rest"] == 0
    Segmentation.objects.update(counts={})
    assert client.get(LIST).context["rest"] is None


def test_names_and_counts_end_where_the_scope_of_a_supervisor_does(client: Client) -> None:
    mine, other = portfolio("Consumo"), portfolio("Secreta")
    for book in (mine, other, other):
        customer(book, is_company=True)
    rule = Rule(chosen=(("portfolio", (str(mine.pk), str(other.pk))),))
    segments.create("Dos carteras", rule, by=user(Role.ADMINISTRATOR), at=NOW)
    segmentation.recompute(at=NOW)
    client.force_login(user(Role.SUPERVISOR, mine))
    seen = client.get(LIST)
    assert [line.count for line in seen.context["lines"]] == [1]
    assert "Cartera: Consumo, otras que usted no ve" in seen.content.decode()
    assert "Secreta" not in seen.content.decode()
    client.force_login(user(Role.ADMINISTRATOR))
    assert [line.count for line in client.get(LIST).context["lines"]] == [3]
    assert "Cartera: Consumo, Secreta" in page(client)


def test_what_a_rule_lost_is_named_and_not_dropped_when_it_is_saved(
    client: Client, boss: User
) -> None:
    book = portfolio("Consumo")
    rule = Rule(chosen=(("person", ("company",)), ("portfolio", (str(book.pk),))))
    row = segments.create("Empresas de Consumo", rule, by=boss, at=NOW)
    book.delete()
    assert "Nadie entra hasta corregirlo" in page(client)
    address = reverse("customers:segment", args=[row.pk])
    assert "(ya no existe)" in client.get(address).content.decode()
    typed = {"name": row.name, "join": "all", "person": "company", "portfolio": rule.chosen[1][1]}
    refused = client.post(address, typed)
    assert refused.status_code == 422
    assert "Ya no existe: Cartera" in refused.content.decode()
    assert client.post(address, typed | {"portfolio": []}).status_code == 302


def test_up_and_down_and_away(client: Client, boss: User) -> None:
    first = segments.create("Empresas", COMPANY, by=boss, at=NOW)
    last = segments.create("Firmas", COMPANY, by=boss, at=NOW)
    client.post(reverse("customers:segment_position", args=[last.pk]), {"to": "up"})
    assert list(Segment.objects.all()) == [last, first]
    client.post(reverse("customers:segment_position", args=[last.pk]), {"to": "down"})
    assert list(Segment.objects.all()) == [first, last]
    removal = reverse("customers:segment_removal", args=[first.pk])
    asked = client.get(removal, headers={"HX-Request": "true"}).content.decode()
    assert "quedan sin segmento" in asked
    assert "data-open-now" in asked
    assert "quedan sin segmento" in client.get(removal).content.decode()
    assert Segment.objects.count() == 2
    client.post(removal)
    assert list(Segment.objects.all()) == [last]


@pytest.mark.parametrize("name", ["customers:detail", "conversations:thread", "ledger:card"])
def test_the_customer_shows_the_segment(client: Client, boss: User, name: str) -> None:
    row = customer(portfolio(), is_company=True)
    segments.create("Grandes cuentas", COMPANY, by=boss, at=NOW)
    segmentation.recompute(at=NOW)
    assert "Grandes cuentas" in client.get(reverse(name, args=[row.pk])).content.decode()
