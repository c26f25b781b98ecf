"""The gate of the composer: why it is shut, by which rule, until when, and what may be done."""

from datetime import UTC, datetime, timedelta

import pytest

from acuerdo.channels import accounts
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy import decide, hours, opt_outs, rules, schedules
from acuerdo.conversations.composer import hours_bar
from acuerdo.conversations.note_models import Note
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers import pauses
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW

pytestmark = pytest.mark.django_db
NIGHT = NOW + timedelta(hours=12)


def place(customer: Customer, part: str = "redaccion/") -> str:
    return f"/conversaciones/{customer.pk}/{part}"


def shown(user: User, customer: Customer, at: datetime, channel: str = "whatsapp") -> str:
    answer = Browser(user, at=at).get(place(customer), htmx=True, canal=channel)
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("country", "said"),
    [("CO", "lun a vie 07:00–19:00, sáb 08:00–15:00"), ("CL", "lun a sáb 08:00–20:00")],
)
def test_the_hours_of_a_country_are_said_in_a_line(country: str, said: str) -> None:
    pack = rules.pack_for(country)
    assert pack
    words = schedules.words(pack, "whatsapp")
    assert said in words
    assert words.startswith(("Colombia, Ley 2300", "Chile, Ley 19.496"))


def test_a_closed_gate_says_rule_and_hours_and_draws_them(
    adviser: User, up_to_date: Customer
) -> None:
    account()
    html = shown(adviser, up_to_date, NIGHT)
    assert "Faltan" in html
    assert "Perú, Código de Protección al Consumidor" in html
    assert "lun a vie 07:00–20:00" in html
    assert html.count('<rect class="open"') == 2
    assert "Programar para el" in html
    assert "Guardar nota" in html


def test_the_bar_is_green_only_where_something_may_leave(up_to_date: Customer) -> None:
    verdict = decide.preview(up_to_date, channel="whatsapp", at=NIGHT)
    assert verdict.until
    bar = hours_bar.of(verdict, at=NIGHT)
    assert bar
    past, coming = verdict.windows
    assert past.end <= NIGHT < verdict.until == coming.start
    assert [label.words[-5:] for label in bar.labels][:1] == ["07:00"]


def test_a_cap_shuts_the_open_hours_on_the_bar(up_to_date: Customer) -> None:
    """The hour is open, the week is full: nothing green between now and the day it frees."""
    pack = rules.pack_for("CL")
    assert pack
    at = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
    until = datetime(2026, 6, 12, 12, 0, tzinfo=UTC)
    there = hours.Place(("America/Santiago",))
    windows = schedules.around(pack, there, "whatsapp", at, until)
    assert all(window.end <= at or window.start >= until for window in windows)
    assert windows[0].end == at


def test_each_channel_says_its_own_reason(adviser: User, up_to_date: Customer) -> None:
    account()
    accounts.create(name="Correo", channel="email", adapter="simulated", at=NOW)
    up_to_date.contact_points.filter(kind="email").delete()
    html = shown(adviser, up_to_date, NIGHT)
    assert "<b>SMS:</b> No hay una cuenta activa" in html
    assert "<b>Correo:</b> El cliente no tiene un correo" in html
    assert "<b>Llamada:</b> Está fuera del horario" in html


def test_who_may_be_called_is_not_said_to_be_written_to(adviser: User, overdue: Customer) -> None:
    account()
    opt_outs.record(overdue, channel="whatsapp", by=adviser, at=NOW)
    html = shown(adviser, overdue, NOW)
    assert "<b>Llamada:</b> se puede llamar ahora." in html


def test_an_open_gate_speaks_in_one_line(adviser: User, up_to_date: Customer) -> None:
    account()
    html = shown(adviser, up_to_date, NOW)
    assert '<div class="gate">' not in html
    assert "Permitido ahora. Perú, Código de Protección al Consumidor" in html


def test_the_gate_and_the_head_say_who_paused_and_until_when(
    adviser: User, up_to_date: Customer
) -> None:
    account()
    pauses.pause(up_to_date, until=NOW.date() + timedelta(days=5), by=adviser, at=NOW)
    html = shown(adviser, up_to_date, NOW)
    assert f"Cliente en pausa hasta el 15 jun 2026, por {adviser.name}: nada automático" in html
    assert "Pausado hasta 15 jun</span>" in Browser(adviser).get(place(up_to_date)).content.decode()


def test_the_panel_hears_of_another_channel_and_has_the_key_of_the_statement(
    adviser: User, up_to_date: Customer
) -> None:
    account()
    answer = Browser(adviser).get(place(up_to_date), htmx=True, canal="email")
    page = Browser(adviser).get(place(up_to_date, "")).content.decode()
    assert f"{answer['HX-Trigger-After-Swap']} from:body" in page
    panel = Browser(adviser).get(f"/cuentas/clientes/{up_to_date.pk}/panel/", htmx=True)
    assert (page + panel.content.decode()).count('data-key="e"') == 1


def test_what_cannot_be_sent_now_is_kept_as_a_note(adviser: User, up_to_date: Customer) -> None:
    account()
    night = Browser(adviser, at=NIGHT)
    form = {"channel": "whatsapp", "body": "Llamarla mañana", "key": "k" * 20}
    night.post(place(up_to_date, "notas/"), htmx=True, **form)
    assert Note.objects.get().body == "Llamarla mañana"


def test_the_tab_of_calls_leads_to_the_result_and_takes_no_text(
    adviser: User, overdue: Customer
) -> None:
    wrote(overdue)
    html = shown(adviser, overdue, NOW, "call")
    assert "Registrar resultado" in html
    assert "<textarea" not in html
