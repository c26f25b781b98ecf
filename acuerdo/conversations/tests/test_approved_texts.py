import pytest

from acuerdo.channels.adapter import TemplateCall
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.templating import approved_texts, message_templates
from acuerdo.conversations.tests.factories import NOW, customer
from acuerdo.conversations.tests.whatsapp import VARIABLES, account, provider_template
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db


def saved(**changes: object) -> MessageTemplate:
    what: dict[str, object] = {"name": "Aviso", "channel": "whatsapp", "body": "", "at": NOW}
    what |= {"provider_template": changes.pop("kept", None) or provider_template(account())}
    what |= {"variables": VARIABLES, "by": None}
    return message_templates.save(**(what | changes))  # type: ignore[arg-type]


def test_wording_is_the_providers_with_our_tags() -> None:
    assert saved().body == (
        "Hola {{nombre}}\n\nDebes {{deuda_vencida}} desde el {{vencimiento}}."
        "\n\nResponde BAJA para no recibir más."
    )


def test_customer_reads_what_the_provider_will_send() -> None:
    text = message_templates.render(saved(), customer(), at=NOW)
    money = "S/\N{NO-BREAK SPACE}150.00"
    assert text.body.startswith(f"Hola Ana\n\nDebes {money} desde el 01/03/2026.")
    assert text.template_call is not None
    call = TemplateCall(**text.template_call)
    assert (call.name, call.language) == ("aviso_cuota", "es_PE")
    assert (list(call.header), list(call.body)) == (["Ana"], [money, "01/03/2026"])
    assert call.buttons[0] == ""
    assert "•" in call.buttons[1]


def test_missing_value_is_named() -> None:
    made = saved(variables=VARIABLES | {"buttons": ["campo.enlace"]})
    assert message_templates.render(made, customer(), at=NOW).missing == ["campo.enlace"]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        (VARIABLES | {"body": ["nombre"]}, "missing_variable"),
        (VARIABLES | {"body": ["nombre", "apellido", "saldo_total"]}, "too_many_variables"),
        (VARIABLES | {"header": ["nombres"]}, "unknown_placeholder"),
        (VARIABLES | {"header": ["nombre}} {{x"]}, "unknown_placeholder"),
    ],
)
def test_variables_have_to_fit(variables: dict[str, list[str]], code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        saved(variables=variables)
    assert (refusal.value.code, refusal.value.field) == (code, "provider_template")


def test_numbered_variables_are_counted_not_read() -> None:
    assert approved_texts.names("{{10}} {{2}} {{1}} {{2}}") == ["1", "2", "10"]


def test_named_variables_and_a_linked_header() -> None:
    kept = provider_template(
        account(),
        components=[
            {"type": "HEADER", "format": "DOCUMENT"},
            {"type": "BODY", "text": "Hola {{cliente}}"},
        ],
    )
    variables = {"header": ["https://example.com/a.pdf"], "body": ["nombre"]}
    text = message_templates.render(saved(kept=kept, variables=variables), customer(), at=NOW)
    assert text.template_call is not None
    assert text.template_call["header"] == ["https://example.com/a.pdf"]
    assert text.template_call["header_kind"] == "document"
    assert text.template_call["body_names"] == ["cliente"]


def test_stopped_template_is_refused_with_its_reason() -> None:
    made, owner = saved(), customer()
    assert made.provider_template
    made.provider_template.status = "PAUSED"
    text = message_templates.render(made, owner, at=NOW)
    draft = outbox.Draft(
        owner, "whatsapp", text.body, "flow", template=made, template_call=text.template_call
    )
    (answer,) = outbox.queue_many([draft], at=NOW)
    assert isinstance(answer, Refusal)
    assert answer.code == "template_unusable"
    assert "pausó" in str(answer.sentence)


def test_version_rises_when_a_variable_means_something_else() -> None:
    made = saved()
    again = saved(template=made, kept=made.provider_template)
    assert again.version == 1
    changed = VARIABLES | {"buttons": ["nombre"]}
    assert saved(template=made, kept=made.provider_template, variables=changed).version == 2
