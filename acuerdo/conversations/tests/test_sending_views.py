"""Por resolver: what supervisors see of messages that did not go their way."""

import re

import pytest

from acuerdo.channels import receipts
from acuerdo.channels.adapter import Outcome, Result
from acuerdo.channels.models import ChannelAccount, WebhookReceipt
from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy import opt_outs
from acuerdo.conversations.models import Message, Outgoing, Setback, UncertainSend
from acuerdo.conversations.sending import claiming, tallies
from acuerdo.conversations.sending.uncertain import EVIDENCE
from acuerdo.conversations.tests.factories import NOW, answered, customer, portfolio, queued, user
from acuerdo.conversations.tests.screens import Browser
from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import User

pytestmark = pytest.mark.django_db
DESK = "/envios/por-resolver/"


@pytest.fixture
def line() -> ChannelAccount:
    return account()


@pytest.fixture
def boss(line: ChannelAccount) -> User:
    return user("supervisor", portfolio())


def page(who: User, address: str, **query: str) -> str:
    answer = Browser(who, at=NOW + EVIDENCE).get(address, **query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def ended(
    line: ChannelAccount, outcome: Outcome, code: str = "", owner: Customer | None = None
) -> Message:
    """A message that a provider answered so."""
    message = queued(owner or customer())
    answered(line, Result(outcome, code=code))
    return message


def test_a_failure_shows_its_reason_and_remedy(line: ChannelAccount, boss: User) -> None:
    ended(line, Outcome.REFUSED, "refused")
    shown = page(boss, f"{DESK}fallidos/")
    assert "El número no existe para el proveedor." in shown
    assert "Escriba al cliente por otro canal." in shown


def test_a_failure_proved_wrong_leaves_the_list(line: ChannelAccount, boss: User) -> None:
    message = ended(line, Outcome.REFUSED, "refused")
    Interaction.objects.filter(pk=message.pk).update(status="delivered")
    assert "El número no existe" not in page(boss, f"{DESK}fallidos/")


def test_what_the_policy_refused_is_listed_with_its_rule(line: ChannelAccount, boss: User) -> None:
    owner = customer()
    message = queued(owner, origin="event")
    opt_outs.record(owner, channel="", source="llamó", by=None, at=NOW)
    claiming.claim(line, at=NOW)
    assert Setback.objects.get(pk=message.pk).status == "not_sent"
    shown = page(boss, f"{DESK}no-enviados/")
    assert "pidió que no se le contacte" in shown
    assert "use otro canal que no haya rechazado" in shown


def test_the_queue_opens_where_something_waits(line: ChannelAccount, boss: User) -> None:
    account("email")
    queued(customer())
    assert "Espera su turno." in page(boss, f"{DESK}en-espera/", cuando="ahora")
    ChannelAccount.objects.filter(pk=line.pk).update(name="ZZZ")
    assert "Espera su turno." in page(boss, f"{DESK}en-espera/", cuando="ahora")


def test_the_queue_says_why_each_message_waits(line: ChannelAccount, boss: User) -> None:
    queued(customer())
    here = {"cuenta": str(line.pk), "cuando": "ahora"}
    assert "Espera su turno." in page(boss, f"{DESK}en-espera/", **here)
    ChannelAccount.objects.update(stopped_reason="token vencido")
    assert "El canal está detenido: token vencido" in page(boss, f"{DESK}en-espera/", **here)


def test_another_portfolio_stays_out_of_sight(line: ChannelAccount, boss: User) -> None:
    stranger = customer(first_name="Zenobia", book=portfolio("other"))
    message = ended(line, Outcome.REFUSED, "refused", stranger)
    queued(stranger)
    for place in ("fallidos/", "en-espera/", ""):
        assert "Zenobia" not in page(boss, DESK + place, cuando="ahora")
    assert Browser(boss).get(f"/envios/mensajes/{message.pk}/").status_code == 404


def test_an_uncertain_send_is_counted_as_sent_by_name(line: ChannelAccount, boss: User) -> None:
    message = ended(line, Outcome.UNCERTAIN, "no_answer")
    assert "Decida usted" in page(boss, DESK)
    Browser(boss, at=NOW + EVIDENCE).post(
        f"/envios/mensajes/{message.pk}/resolucion/", decision="count_as_sent", nota="Confirmó"
    )
    row = UncertainSend.objects.get()
    assert (row.decision, row.by, row.note) == ("count_as_sent", boss, "Confirmó")
    assert Interaction.objects.get(pk=message.pk).status == "sent"
    assert "Nada por resolver" in page(boss, DESK)
    assert "Se contó como enviado" in page(boss, f"/envios/mensajes/{message.pk}/")


def test_sending_again_makes_another_message(line: ChannelAccount, boss: User) -> None:
    message = ended(line, Outcome.UNCERTAIN, "no_answer")
    browser = Browser(boss, at=NOW + EVIDENCE)
    for _twice in range(2):
        browser.post(f"/envios/mensajes/{message.pk}/resolucion/", decision="send_again")
    fresh = UncertainSend.objects.get().successor
    assert fresh
    assert Outgoing.objects.get().message_id == fresh.pk != message.pk
    assert Interaction.objects.get(pk=message.pk).status == "uncertain"


def test_until_it_may_be_sent_again_the_drawer_says_from_when(
    line: ChannelAccount, boss: User
) -> None:
    message = ended(line, Outcome.UNCERTAIN, "no_answer")
    UncertainSend.objects.update(since=NOW)
    address = f"/envios/mensajes/{message.pk}/"
    early = Browser(boss, at=NOW).get(address).text
    assert 'disabled aria-describedby="not-ripe"' in early
    assert "Se puede enviar de nuevo desde" in early.split('id="not-ripe"')[1]
    assert "10 mar, 10:15" in early.split('id="not-ripe"')[1].split("</p>")[0]
    assert "not-ripe" not in page(boss, address)


def test_an_empty_desk_says_what_would_stand_there(boss: User) -> None:
    failed, not_sent = page(boss, f"{DESK}fallidos/"), page(boss, f"{DESK}no-enviados/")
    assert "lo que un proveedor rechazó" in failed
    assert "lo que las reglas de contacto" in not_sent
    assert "se importen" not in failed + not_sent
    assert "Quitar filtros" in page(boss, f"{DESK}fallidos/", desde="2026-06-01")


def test_the_ledger_shows_every_hand_over_and_decision(line: ChannelAccount, boss: User) -> None:
    message = ended(line, Outcome.UNCERTAIN, "no_answer")
    shown = page(boss, f"/envios/mensajes/{message.pk}/")
    assert message.attempts.get().token in shown
    assert "Sin respuesta" in shown
    assert "Nunca se entregó" not in shown
    assert "Todavía no se preguntó" not in shown


def test_an_auditor_sees_and_cannot_act(line: ChannelAccount) -> None:
    auditor = user("auditor", portfolio())
    message = ended(line, Outcome.UNCERTAIN, "no_answer")
    assert "Contar como enviado" not in page(auditor, f"/envios/mensajes/{message.pk}/")
    address = f"/envios/mensajes/{message.pk}/resolucion/"
    assert Browser(auditor).post(address, decision="count_as_sent").status_code == 403


def test_an_adviser_sees_none_of_it(line: ChannelAccount) -> None:
    adviser = Browser(user("adviser", portfolio()))
    for place in ("", "fallidos/", "no-enviados/", "en-espera/", "avisos/"):
        assert adviser.get(DESK + place).status_code == 403
    assert "Por resolver" not in adviser.get("/conversaciones/").content.decode()


class TestSetAside:
    @pytest.fixture
    def admin(self) -> User:
        return user("administrator")

    @pytest.fixture
    def row(self, line: ChannelAccount) -> WebhookReceipt:
        return WebhookReceipt.objects.create(
            account=line, event_key="x", body=b'{"raro": "<b>\xff"}', received_at=NOW,
            set_aside_reason="unreadable: KeyError", tries=10,
        )  # fmt: skip

    def test_its_source_is_shown_and_never_run(self, admin: User, row: WebhookReceipt) -> None:
        assert "No se pudo entender: KeyError" in page(admin, f"{DESK}avisos/")
        shown = page(admin, f"/envios/avisos/{row.pk}/")
        assert "&lt;b&gt;" in shown
        assert "<b>\ufffd" not in shown

    def test_it_can_be_read_again(self, admin: User, row: WebhookReceipt) -> None:
        Browser(admin).post(f"/envios/avisos/{row.pk}/reintento/")
        assert [each.pk for each in receipts.claim(limit=9, at=NOW)] == [row.pk]
        assert Event.objects.get(type="receipt.retried").actor_id == admin.pk

    def test_it_can_be_dismissed_once(self, admin: User, row: WebhookReceipt) -> None:
        for _twice in range(2):
            Browser(admin).post(f"/envios/avisos/{row.pk}/descarte/")
        row.refresh_from_db()
        assert (row.handled_at is not None, row.set_aside_reason) == (True, "unreadable: KeyError")
        assert Event.objects.filter(type="receipt.dismissed").count() == 1
        assert "Ningún aviso sin leer" in page(admin, f"{DESK}avisos/")

    def test_a_supervisor_does_not_read_it(self, boss: User, row: WebhookReceipt) -> None:
        assert Browser(boss).get(f"{DESK}avisos/").status_code == 403
        assert Browser(boss).get(f"/envios/avisos/{row.pk}/").status_code == 403


def tabs(who: User, address: str = DESK) -> dict[str, str]:
    """The number that each tab shows."""
    found = re.findall(
        r'class="tab" href="([^"]+)"[^>]*>[^<]*(?:<span class="count">([^<]+))?', page(who, address)
    )
    return {href.removeprefix(DESK): count for href, count in found}


def test_each_tab_says_how_many_stand_under_it(line: ChannelAccount, boss: User) -> None:
    for outcome in (Outcome.UNCERTAIN, Outcome.REFUSED, Outcome.REFUSED):
        ended(line, outcome)
    proved = ended(line, Outcome.REFUSED)
    Interaction.objects.filter(pk=proved.pk).update(status="delivered")
    queued(customer())
    shown = {"": "1", "fallidos/": "2", "no-enviados/": "", "en-espera/": "1"}
    assert tabs(boss) == tabs(boss, f"{DESK}en-espera/") == tabs(boss, f"{DESK}fallidos/") == shown
    WebhookReceipt.objects.create(
        account=line, event_key="a", body=b"", received_at=NOW, set_aside_reason="unreadable: x"
    )
    assert tabs(user("administrator")) == shown | {"avisos/": "1"}


def test_the_tabs_count_what_is_within_reach_and_no_more(line: ChannelAccount) -> None:
    other = user("supervisor", portfolio("other"))
    mine = customer(book=portfolio())
    ended(line, Outcome.REFUSED, owner=mine)
    queued(mine)
    assert set(tabs(other).values()) == {""}


def test_a_tab_counts_no_further_than_it_says(
    line: ChannelAccount, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        ended(line, Outcome.REFUSED)
    monkeypatch.setattr(tallies, "MOST", 2)
    assert tabs(boss)["fallidos/"] == "2+"


def test_a_tab_that_looked_at_none_of_the_readers_own_says_that_there_may_be_some() -> None:
    assert [str(tallies.Tally(0, is_more=more)) for more in (False, True)] == ["0", "…"]
    assert tallies.Tally(0, is_more=True)
    assert not tallies.Tally(0, is_more=False)


def test_the_queue_of_an_account_says_how_many_leave_now_and_later(
    line: ChannelAccount, boss: User
) -> None:
    queued(customer())
    queued(customer())
    Outgoing.objects.filter(pk=Outgoing.objects.latest("pk").pk).update(due_at=NOW + 9 * EVIDENCE)
    shown = page(boss, f"{DESK}en-espera/")
    assert 'Para salir ahora <span class="count">1</span>' in shown
    assert 'Más tarde <span class="count">1</span>' in shown
