"""The same form sent twice, from any screen that makes something, makes one."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from acuerdo.calls.models import Call
from acuerdo.conversations.note_models import Note
from acuerdo.customers.models import Customer, Pause
from acuerdo.interactions.models import FactKind, Interaction
from acuerdo.ledger.models import Claim, PaymentReport, Promise
from acuerdo.ledger.tests.factories import NOW, TODAY
from acuerdo.organization import once
from acuerdo.organization.models import SentForm, User
from acuerdo.primitives import clock
from tests.races.racing import race

HTMX = {"HX-Request": "true"}
FRIDAY = (TODAY + timedelta(days=2)).isoformat()
REPORT = {"amount": "50", "currency": "PEN", "paid_on": TODAY.isoformat()}


@dataclass(frozen=True)
class Sheet:
    """What is typed beside a conversation, where it goes, and what it makes."""

    name: str
    typed: dict[str, str]
    made: type[Model]
    page: str = ""


SHEETS = [
    Sheet("conversations:note", {"body": "Pagará el viernes."}, Note, "conversations:open"),
    Sheet("ledger:panel_claim", {"category": "billing", "description": "Ya pagué."}, Claim),
    Sheet("ledger:panel_pause", {"until": FRIDAY, "note": "Está de viaje."}, Pause),
    Sheet("ledger:panel_promise", {"amount": "50", "currency": "PEN", "due_on": FRIDAY}, Promise),
    Sheet("calls:schedule", {"due_on": FRIDAY, "note": "El plan."}, Call),
]


def token_of(client: Client, address: str) -> str:
    found = re.search(r'name="once" value="(\w{32})"', client.get(address).content.decode())
    assert found, address
    return found[1]


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


@pytest.mark.django_db
def test_an_adjustment_sent_twice_is_posted_once(desk: Client, overdue: Customer) -> None:
    debt = overdue.debts.earliest("due_on")
    address = reverse("ledger:adjustment_new", args=[debt.pk])
    typed = {"amount": "10", "note": "Interés", "once": token_of(desk, address)}
    answers = [desk.post(address, typed) for _number in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert "no se repitió" in desk.get(answers[1]["Location"]).content.decode()
    assert Interaction.objects.filter(fact=FactKind.ADJUSTMENT).count() == 1


@pytest.mark.django_db
def test_another_amount_from_the_same_page_is_another_adjustment(
    desk: Client, overdue: Customer
) -> None:
    debt = overdue.debts.earliest("due_on")
    address = reverse("ledger:adjustment_new", args=[debt.pk])
    token = token_of(desk, address)
    for amount in ("10", "20"):
        desk.post(address, {"amount": amount, "note": "Interés", "once": token})
    assert Interaction.objects.filter(fact=FactKind.ADJUSTMENT).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ledger:report_new", "ledger:panel_report"])
def test_a_payment_to_verify_sent_twice_is_one(desk: Client, overdue: Customer, name: str) -> None:
    address = reverse(name, args=[overdue.pk])
    with clock.travel(NOW):
        typed = {**REPORT, "once": token_of(desk, address)}
        desk.post(address, typed, headers=HTMX)
        desk.post(address, typed, headers=HTMX)
    assert PaymentReport.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in place", "without scripts"])
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_what_is_done_beside_a_conversation_is_done_once(
    desk: Client, overdue: Customer, sheet: Sheet, headers: dict[str, str]
) -> None:
    address = reverse(sheet.name, args=[overdue.pk])
    page = reverse(sheet.page, args=[overdue.pk]) + "?canal=note" if sheet.page else address
    with clock.travel(NOW):
        typed = {**sheet.typed, "once": token_of(desk, page)}
        answers = [desk.post(address, typed, headers=headers).status_code for _time in range(2)]
    assert max(answers) < 400
    assert sheet.made._default_manager.count() == 1


@pytest.mark.django_db
def test_an_unplanned_call_sent_twice_is_one(desk: Client, overdue: Customer) -> None:
    address = reverse("calls:register_for", args=[overdue.pk])
    typed = {"result": "no_answer", "note": "", "once": token_of(desk, address)}
    first = desk.post(address, typed)
    made = Call.objects.count()
    again = desk.post(address, typed)
    assert first["Location"] == again["Location"]
    assert Call.objects.count() == made > 0


@pytest.mark.django_db
def test_what_was_refused_may_be_sent_again(desk: Client, overdue: Customer) -> None:
    address = reverse("ledger:report_new", args=[overdue.pk])
    typed = {**REPORT, "amount": "0", "once": token_of(desk, address)}
    assert [desk.post(address, typed).status_code for _number in range(2)] == [422, 422]
    assert not SentForm.objects.filter(is_done=True).exists()


@pytest.mark.django_db
def test_what_no_browser_will_send_again_is_forgotten() -> None:
    SentForm.objects.create(key="old", at=clock.now() - once.KEPT * 2)
    SentForm.objects.create(key="new", at=clock.now())
    assert once.forget_old() == 1
    assert SentForm.objects.get().key == "new"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_one_moment_register_one_report(
    overdue: Customer, administrator: User
) -> None:
    browsers = [Client(), Client(), Client()]
    for browser in browsers:
        browser.force_login(administrator)
    address = reverse("ledger:report_new", args=[overdue.pk])
    with clock.travel(NOW):
        typed = {**REPORT, "once": token_of(browsers[0], address)}
        race(*[lambda browser=browser: browser.post(address, typed) for browser in browsers])
    assert PaymentReport.objects.count() == 1
