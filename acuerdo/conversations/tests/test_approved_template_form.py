import pytest
from django.test import Client

from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.tests.factories import customer, user
from acuerdo.conversations.tests.whatsapp import account, provider_template
from acuerdo.organization.models import Role

pytestmark = pytest.mark.django_db
NEW = "/conversaciones/plantillas/nueva/"
VARIABLES = {
    "var_header_0": "nombre",
    "var_body_0": "{{deuda_vencida}}",
    "var_body_1": "vencimiento",
    "var_buttons_0": "documento",
}


def typed(pk: int, **more: str) -> dict[str, str]:
    return {"name": "Aviso", "channel": "whatsapp", "provider_template": str(pk), **more}


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(user(Role.ADMINISTRATOR))
    return client


def test_choosing_asks_for_each_variable_and_previews_the_wording(administrator: Client) -> None:
    kept, _owner = provider_template(account()), customer()
    preview = "/conversaciones/plantillas/vista-previa/"
    fields = administrator.post(preview, typed(kept.pk, mapping="1")).content.decode()
    assert all(f'name="{name}"' in fields for name in VARIABLES)
    assert 'name="body"' not in fields
    shown = administrator.post(preview, typed(kept.pk, **VARIABLES)).content.decode()
    assert "Hola Ana" in shown
    assert "Responde BAJA" in shown


def test_variables_are_saved_and_shown_again(administrator: Client) -> None:
    kept = provider_template(account())
    answer = administrator.post(NEW, typed(kept.pk, is_active="on", **VARIABLES))
    made = MessageTemplate.objects.get()
    assert answer.status_code == 302
    assert made.variables["body"] == ["deuda_vencida", "vencimiento"]
    page = administrator.get(f"/conversaciones/plantillas/{made.pk}/").content.decode()
    assert 'value="deuda_vencida"' in page


def test_variable_left_empty_is_named(administrator: Client) -> None:
    kept = provider_template(account())
    answer = administrator.post(NEW, typed(kept.pk, **VARIABLES | {"var_buttons_0": ""}))
    assert answer.status_code == 422
    assert "«Pagar»" in answer.content.decode()


def test_account_page_lists_what_may_not_be_used_and_why(administrator: Client) -> None:
    line = account()
    provider_template(line, status="PAUSED", reason="Quejas")
    page = administrator.get(f"/ajustes/canales/{line.pk}/").content.decode()
    assert "aviso_cuota" in page
    assert "Quejas" in page
