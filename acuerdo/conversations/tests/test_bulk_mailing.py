"""A template to many: by the rules of campaigns, once each, cancelled while it waits."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy import opt_outs
from acuerdo.conversations.bulk import jobs, mailing
from acuerdo.conversations.bulk_models import BulkItem, BulkJob
from acuerdo.conversations.models import Message, MessageTemplate, Outgoing
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.tests.screens import Browser
from acuerdo.conversations.tests.test_bulk import (
    ALL,
    again,
    bold,
    chosen,
    undone,
    work,
)
from acuerdo.customers import pauses
from acuerdo.customers.models import Customer
from acuerdo.ledger import payment_reports, promises
from acuerdo.ledger.tests.factories import payment
from acuerdo.organization import settings
from acuerdo.organization.models import Organization, User
from acuerdo.organization.tests.cast import NOW, TODAY
from acuerdo.primitives.money import Money

pytestmark = pytest.mark.django_db
BULK = "/conversaciones/masivas/"


@pytest.fixture
def template(administrator: User) -> MessageTemplate:
    account(channel="sms")
    return message_templates.save(
        name="Aviso", channel="sms", body="Hola {{nombre}}", by=administrator, at=NOW
    )


def send(template: MessageTemplate, by: User) -> BulkJob:
    terms = {"template": template.pk, "version": template.version, "name": template.name}
    job = jobs.start("template", ALL, terms=terms, by=by, at=NOW)
    work(NOW)
    return again(job)


def sent() -> list[Message]:
    found = Message.objects.filter(interaction__origin="campaign")
    return list(found.select_related("interaction").order_by("interaction__customer"))


def test_each_gets_it_once_in_a_minute_and_still_waits_for_an_answer(
    waiting: list[Customer],
    supervisor: User,
    template: MessageTemplate,
) -> None:
    job = send(template, supervisor)
    assert (job.done, job.skipped) == (4, 0)
    assert [each.body for each in sent()] == [f"Hola {each.first_name}" for each in waiting]
    assert {each.interaction.at for each in sent()} == {NOW + mailing.DELAY}
    assert len(bold()) == 4
    BulkItem.objects.update(outcome="", trace=None)
    BulkJob.objects.update(status="running", cursor=0)
    work(NOW)
    assert len(sent()) == 4


def test_the_rules_of_campaigns_say_who_is_left_out(
    waiting: list[Customer],
    supervisor: User,
    template: MessageTemplate,
) -> None:
    opt_outs.record(waiting[0], channel="sms", source="Llamada", by=supervisor, at=NOW)
    pauses.pause(waiting[1], until=TODAY + timedelta(days=9), by=supervisor, at=NOW)
    waiting[2].contact_points.all().delete()
    job = send(template, supervisor)
    assert job.reasons == {"opted_out": 1, "paused": 1, "no_address": 1}
    assert [each.interaction.customer_id for each in sent()] == [waiting[3].pk]
    report = Browser(supervisor).get(f"{BULK}{job.pk}/").text
    assert "pidió que no se le contacte" in report
    assert "No tiene una dirección" in report


def test_whoever_may_not_write_to_them_by_hand_may_not_in_bulk(
    waiting: list[Customer],
    supervisor: User,
    template: MessageTemplate,
) -> None:
    settings.current()
    Organization.objects.update(reply_rule="owner_only")
    assert send(template, supervisor).reasons == {"not_the_owner": 4}
    assert sent() == []


def test_a_text_that_nobody_has_read_is_not_sent(
    waiting: list[Customer],
    supervisor: User,
    template: MessageTemplate,
) -> None:
    read = template.version
    message_templates.save(
        template, name="Aviso", channel="sms", body="Otra cosa", by=supervisor, at=NOW
    )
    template.version = read
    assert send(template, supervisor).reasons == {"template_changed": 4}


def test_who_paid_or_agreed_on_something_is_not_asked_again(
    waiting: list[Customer],
    supervisor: User,
    template: MessageTemplate,
) -> None:
    paid, agreed, reported, _owing = waiting
    payment(paid, 100)
    promises.register(agreed, amount=Money(Decimal(50), "PEN"), due_on=TODAY, by=supervisor, at=NOW)
    payment_reports.report(
        reported, amount=Money(Decimal(100), "PEN"), paid_on=TODAY, by=supervisor, at=NOW
    )
    reasons = {"nothing_owed": 1, "promise_pending": 1, "report_pending": 1}
    job = send(template, supervisor)
    assert (job.done, job.reasons) == (1, reasons)


def test_what_is_for_others_or_lacks_a_value_is_left_out(
    waiting: list[Customer],
    supervisor: User,
    template: MessageTemplate,
) -> None:
    Customer.objects.update(last_name="")
    MessageTemplate.objects.update(body="Vence, {{apellido}}")
    assert send(template, supervisor).reasons == {"missing_value": 4}
    MessageTemplate.objects.update(language="pt")
    assert send(template, supervisor).reasons == {"foreign_template": 4}


def test_what_waits_is_cancelled_and_what_left_is_told(
    waiting: list[Customer],
    supervisor: User,
    template: MessageTemplate,
) -> None:
    job = send(template, supervisor)
    leaving = sent()[1]
    Outgoing.objects.filter(message=leaving).update(lease_until=NOW + timedelta(minutes=2))
    job = undone(job, supervisor, NOW)
    assert (job.undone, job.undo_reasons) == (3, {"already_left": 1})
    assert [each.interaction.status for each in sent()].count("cancelled") == 3
    assert list(Outgoing.objects.values_list("message_id", flat=True)) == [leaving.pk]


def test_the_form_shows_the_text_of_one_of_them_before_it_sends(
    waiting: list[Customer],
    supervisor: User,
    template: MessageTemplate,
) -> None:
    browser = Browser(supervisor)
    form = {"customer": waiting[0].pk, "sure": "1", "template": template.pk}
    shown = browser.post(f"{BULK}template/", htmx=True, **form).text
    assert f"Hola {waiting[0].first_name}" in shown
    assert not BulkJob.objects.exists()
    seen = f"{template.pk}.{template.version}"
    assert f'value="{seen}"' in shown
    assert f'name="customer" value="{waiting[0].pk}"' in shown
    browser.post(f"{BULK}template/", **form, seen=seen)
    work(NOW)
    assert [each.body for each in sent()] == [f"Hola {waiting[0].first_name}"]
    assert chosen(waiting[0]).count(supervisor).number == 1


def test_an_adviser_has_no_button_for_it_and_is_refused(
    waiting: list[Customer], adviser: User, supervisor: User, template: MessageTemplate
) -> None:
    button = f'formaction="{BULK}template/"'
    assert button in Browser(supervisor).get("/conversaciones/").text
    page = Browser(adviser).get("/conversaciones/").text
    assert f'formaction="{BULK}omit/"' in page
    assert button not in page
    assert Browser(adviser).post(f"{BULK}template/", customer=waiting[0].pk).status_code == 403
    with pytest.raises(PermissionDenied):
        send(template, adviser)
