"""The controls on the screen: what they offer, and what they ask of the provider."""

import pytest

from acuerdo.channels import explanations
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sms_twilio.codes import CODES as TWILIO
from acuerdo.channels.whatsapp_cloud.codes import CODES as META
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.conversations.tests.factories import customer
from acuerdo.conversations.tests.screens import Browser
from acuerdo.organization.models import User
from acuerdo.simulator import forms, gateway, manners, wires
from acuerdo.simulator.forms import MannersForm
from acuerdo.simulator.tests.bench import Bench

LINE = ChannelAccount(adapter="whatsapp_cloud")
ASKED = {"answer": "ok", "until": "opened", "delay": "0", "copies": "1"}


@pytest.mark.parametrize(("wire", "codes"), [("meta", META), ("twilio", TWILIO)])
def test_every_error_that_we_explain_can_be_had(wire: str, codes: dict[str, object]) -> None:
    spoken = wires.WIRES[wire]
    offered = {*spoken.ANSWERED, *spoken.REPORTED}
    assert {code for code in codes if code.isdecimal()} == offered


@pytest.mark.parametrize("adapter", ["whatsapp_cloud", "sms_twilio"])
def test_every_error_that_is_offered_is_explained(adapter: str) -> None:
    for code, _words in forms.failures(ChannelAccount(adapter=adapter)):
        assert explanations.explain(adapter, code).is_known


@pytest.mark.parametrize("answer", ["ok", "lost", "silent", "cut", "code:131047", "code:190"])
@pytest.mark.parametrize("until", ["", "sent", "opened"])
def test_what_was_chosen_is_shown_again(answer: str, until: str) -> None:
    told = ASKED | {"answer": answer, "until": until, "is_once": "on", "delay": "30"}
    form = MannersForm(LINE, told | {"copies": "3", "shuffle": "on"})
    assert form.is_valid(), form.errors
    kept = manners.Manners()
    kept.set(form.values())
    shown = forms.as_chosen(vars(kept))
    wanted = {"answer": answer, "until": until, "delay": 30, "copies": 3, "shuffle": True}
    assert {name: shown[name] for name in wanted} == wanted
    assert shown["is_once"] == (answer != "ok")


def test_an_error_of_another_provider_is_not_taken() -> None:
    assert not MannersForm(LINE, ASKED | {"answer": "code:30003"}).is_valid()


def test_who_hides_the_number_keeps_the_same_id() -> None:
    told = {"name": "Luz", "username": "luz.m", "phone": "", "body": "Hola"}
    first, again = forms.StrangerForm(told), forms.StrangerForm(told | {"body": "Otra vez"})
    assert first.is_valid()
    assert again.is_valid()
    assert first.address == again.address
    assert first.address.startswith("bsuid:PE.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.urls("tests.demo_urls")
def test_the_buttons_of_the_screen_reach_the_provider(bench: Bench, administrator: User) -> None:
    browser, owner = Browser(administrator), customer()
    place = f"/simulador/clientes/{owner.pk}/whatsapp/"
    browser.post(f"{place}proveedor/", **ASKED | {"answer": "code:131026", "is_once": "on"})
    assert gateway.manners(bench.lines["whatsapp"])["code"] == "131026"
    browser.post(f"{place}mensajes/", body="Hola, soy yo")
    browser.post("/simulador/desconocidos/", name="Luz", body="¿Quiénes son?")
    bench.posted("whatsapp", 2)
    bench.hear()
    assert UnknownSender.objects.get().name == "Luz"
    page = browser.get("/simulador/", cliente=owner.pk, canal="whatsapp").content.decode()
    assert "Hola, soy yo" in page
    assert "131026 ·" in page
    browser.post(f"{place}ventana/")
    assert len(bench.provider.events("window")) == 1


@pytest.mark.django_db
@pytest.mark.urls("tests.demo_urls")
def test_what_was_typed_and_not_taken_stays(administrator: User) -> None:
    browser, owner = Browser(administrator), customer()
    # Nobody plays the provider here, so no line takes it.
    refused = browser.post(f"/simulador/clientes/{owner.pk}/whatsapp/mensajes/", body="Ya pagué")
    assert refused.status_code == 422
    assert 'name="body" value="Ya pagué"' in refused.text
    assert f'href="/simulador/?cliente={owner.pk}&amp;canal=sms"' in refused.text
    told = {"name": "Luz", "phone": "123", "body": "¿Quiénes son?"}
    refused = browser.post(
        "/simulador/desconocidos/", **told, next=f"/simulador/?cliente={owner.pk}"
    )
    assert refused.status_code == 422
    assert 'id="sim-stranger" open' in refused.text
    assert 'value="Luz"' in refused.text
    assert 'value="¿Quiénes son?"' in refused.text
    assert owner.full_name in refused.text
