import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.tests.factories import NOW, customer, user
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


def template(body: str, **changes: object) -> MessageTemplate:
    what: dict[str, object] = {"name": "Aviso", "channel": "whatsapp", "by": None, "at": NOW}
    return message_templates.save(body=body, **(what | changes))  # type: ignore[arg-type]


def test_placeholders_are_filled_in() -> None:
    owner = customer(adviser=user())
    made = template("{{nombre}}: {{saldo_total}}, {{ dias_atraso }} días desde {{vencimiento}}")
    text = message_templates.render(made, owner, at=NOW)
    assert text.body == "Ana: S/\N{NO-BREAK SPACE}150.00, 9 días desde 01/03/2026"
    assert text.missing == []


def test_document_shows_only_its_edges() -> None:
    text = message_templates.render(template("{{documento}}"), customer(), at=NOW)
    assert "•" in text.body


def test_custom_field_and_its_absence() -> None:
    owner, other = customer(), customer()
    owner.custom = {"sucursal": "Centro"}
    owner.save()
    texts = message_templates.render_many(
        template("{{campo.sucursal}}"), [owner.pk, other.pk], at=NOW
    )
    assert texts[owner.pk].body == "Centro"
    assert texts[other.pk].missing == ["campo.sucursal"]


def test_many_customers_cost_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    made, ids = template("{{nombre}} {{cartera}} {{asesor}}"), [customer().pk for _ in range(5)]
    with django_assert_num_queries(2):
        assert len(message_templates.render_many(made, ids, at=NOW)) == 5


@pytest.mark.parametrize("body", ["{{nombres}}", "Hola {{nombre", "{% if x %}{{ a.b }}"])
def test_unknown_placeholder_is_named(body: str) -> None:
    assert message_templates.check(body)
    with pytest.raises(Refusal) as refusal:
        template(body)
    assert refusal.value.field == "body"


def test_version_rises_with_the_text_only() -> None:
    made = template("Hola")
    renamed = template("Hola", template=made, name="Aviso 2")
    assert renamed.version == 1
    assert template("Buenas", template=made, name="Aviso 2").version == 2


def test_name_is_taken_once() -> None:
    template("Hola")
    with pytest.raises(Refusal) as refusal:
        template("Otro")
    assert refusal.value.code == "name_taken"


def test_page_of_an_email_is_compiled_and_filled_with_escaped_values() -> None:
    owner = customer(first_name="Ana <b>")
    written = "<style>p{color:red}</style><p>Hola, {{nombre}}</p>"
    made = message_templates.save(
        name="Correo", channel="email", body="", html=written, by=None, at=NOW
    )
    assert (made.html_source, made.body) == (written, "Hola, {{nombre}}")
    rendered = message_templates.render(made, owner, at=NOW)
    assert "Hola, Ana &lt;b&gt;</p>" in rendered.html
    assert "<style" not in rendered.html
    assert rendered.body == "Hola, Ana <b>"


def test_change_of_the_page_makes_a_new_version_and_unknown_tags_are_refused() -> None:
    made = template("Hola", channel="email", html="<p>uno</p>")
    again = message_templates.save(
        made, name="Aviso", channel="email", body="Hola", html="<p>dos</p>", by=None, at=NOW
    )
    assert again.version == 2
    with pytest.raises(Refusal) as refused:
        template("Hola", name="Otra", channel="email", html="<p>{{nada}}</p>")
    assert refused.value.field == "html"
