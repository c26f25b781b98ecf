"""The door itself, on real rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from acuerdo.contact_policy import decide, opt_outs
from acuerdo.contact_policy.decide import Ask
from acuerdo.contact_policy.models import Decision
from acuerdo.contact_policy.tests.factories import contact, inbound
from acuerdo.contact_policy.verdicts import Verdict
from acuerdo.customers import alerts, pauses
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer
from acuerdo.interactions.models import Status
from acuerdo.organization.models import Holiday, Portfolio

# A Tuesday, ten in the morning in Bogotá and Lima, noon in Santiago.
AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def ask(
    who: Customer,
    channel: str = "sms",
    origin: str = "flow",
    *,
    at: datetime = AT,
    stage: str = "planning",
    **more: Any,
) -> Verdict:
    return decide.many([Ask(who.pk, channel, origin, **more)], at=at, stage=stage)[0]


@pytest.fixture
def debtor(book: Portfolio) -> Customer:
    return customer(book, country="CO", time_zone="America/Bogota", at=AT)


def test_open_hour_is_allowed(debtor: Customer) -> None:
    verdict = ask(debtor, origin="event")
    assert verdict.is_allowed
    assert verdict.pack == "CO"


def test_closed_hour_is_later_and_says_the_rule_and_the_hour(debtor: Customer) -> None:
    verdict = ask(debtor, origin="event", at=AT + timedelta(hours=12))
    assert (verdict.answer, verdict.reason, verdict.rule) == ("later", "closed_hours", "co.h1")
    assert verdict.until == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    assert "Ley 2300" in verdict.sentence
    assert verdict.rule not in verdict.sentence
    assert "07:00 (Bogotá)" in verdict.sentence


def test_holiday_of_the_organisation_closes_the_day(debtor: Customer) -> None:
    Holiday.objects.create(country="CO", on=date(2026, 11, 24), name="Día de la empresa")
    verdict = ask(debtor, origin="event")
    assert (verdict.answer, verdict.reason) == ("later", "holiday")
    assert "Día de la empresa" in verdict.sentence


def test_other_channel_in_the_week_waits_until_the_eighth_day(debtor: Customer) -> None:
    contact(debtor, AT, channel="whatsapp")
    verdict = ask(debtor, "sms", "event", at=AT + 2 * DAY)
    assert (verdict.answer, verdict.reason, verdict.rule) == ("later", "cap_reached", "co.c2")
    assert verdict.until == datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    assert ask(debtor, "whatsapp", "event", at=AT + DAY).is_allowed


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (Status.PROCESSING, True),
        (Status.UNCERTAIN, True),
        (Status.DELIVERED, True),
        (Status.SCHEDULED, False),
        (Status.NOT_SENT, False),
        (Status.FAILED, False),
    ],
)
def test_only_what_left_or_may_have_left_counts(
    debtor: Customer, status: Status, *, counts: bool
) -> None:
    contact(debtor, AT - timedelta(hours=1), status=status)
    assert ask(debtor, "sms", "event").is_allowed is not counts


def test_a_message_that_bounced_after_it_left_counts(debtor: Customer) -> None:
    row = contact(debtor, AT - timedelta(hours=1), status=Status.FAILED)
    type(row).objects.filter(pk=row.pk).update(sent_at=row.at)
    assert not ask(debtor, "sms", "event").is_allowed


def test_calls_count_whether_answered_or_not(debtor: Customer) -> None:
    contact(debtor, AT - timedelta(hours=1), channel="call", status=Status.NOT_CONTACTED)
    assert ask(debtor, "sms", "event").rule == "co.c1"


def test_the_message_that_asks_does_not_count_itself(debtor: Customer) -> None:
    own = contact(debtor, AT, status=Status.PROCESSING)
    assert ask(debtor, "sms", "event", interaction_id=own.pk).is_allowed


def test_opt_out_of_a_channel_stops_it_and_no_other(debtor: Customer) -> None:
    opt_outs.record(debtor, channel="sms", by=None, at=AT)
    assert ask(debtor, "sms", "manual").reason == "opted_out"
    assert ask(debtor, "email", "event").is_allowed


def test_opt_out_of_everything_stops_everything_until_it_is_lifted(debtor: Customer) -> None:
    row = opt_outs.record(debtor, by=None, at=AT)
    assert opt_outs.record(debtor, by=None, at=AT + DAY).pk == row.pk
    assert ask(debtor, "email", "manual").answer == "never"
    opt_outs.lift(row, by=None, at=AT)
    assert ask(debtor, "email", "manual").is_allowed


def test_who_writes_again_after_opting_out_may_be_answered_by_a_person(debtor: Customer) -> None:
    opt_outs.record(debtor, by=None, at=AT - timedelta(hours=2))
    inbound(debtor, AT - timedelta(hours=1))
    assert ask(debtor, "whatsapp", "manual").is_allowed
    assert ask(debtor, "whatsapp", "event").reason == "opted_out"


def test_answer_to_somebody_who_wrote_is_free_of_caps_but_not_of_hours(debtor: Customer) -> None:
    contact(debtor, AT - timedelta(hours=2), channel="sms")
    assert ask(debtor, "whatsapp", "manual").reason == "cap_reached"
    inbound(debtor, AT - timedelta(hours=1))
    assert ask(debtor, "whatsapp", "manual").is_allowed
    assert ask(debtor, "whatsapp", "event").reason == "cap_reached"
    assert ask(debtor, "whatsapp", "manual", at=AT + timedelta(hours=10)).answer == "later"


def test_pause_binds_automatic_messages_only(debtor: Customer) -> None:
    pauses.pause(debtor, until=date(2026, 11, 30), by=None, at=AT)
    assert ask(debtor, origin="event").reason == "paused"
    assert ask(debtor, origin="manual").is_allowed


def test_flow_is_silent_when_nothing_is_owed_or_an_alert_stands(debtor: Customer) -> None:
    assert ask(debtor, origin="flow").reason == "nothing_owed"
    alerts.raise_alert(debtor, "refuses", by=None, at=AT)
    assert ask(debtor, origin="flow").reason == "silenced"
    assert ask(debtor, origin="event").is_allowed


def test_country_without_a_pack_is_left_to_people(book: Portfolio) -> None:
    abroad = customer(book, country="UY", at=AT)
    assert ask(abroad, origin="event").reason == "no_pack"
    assert ask(abroad, origin="event").answer == "never"
    assert ask(abroad, origin="manual").is_allowed


def test_later_asks_of_a_batch_count_the_earlier_ones(debtor: Customer) -> None:
    asks = [Ask(debtor.pk, "sms", "event"), Ask(debtor.pk, "sms", "event")]
    first, second = decide.many(asks, at=AT, stage="hand_off")
    assert first.is_allowed
    assert (second.answer, second.rule) == ("later", "co.c1")


def test_answers_are_kept_with_their_rule_except_when_planning(debtor: Customer) -> None:
    ask(debtor, origin="event")
    decide.preview(debtor, channel="sms", at=AT)
    assert not Decision.objects.exists()
    night = AT + timedelta(hours=12)
    ask(debtor, origin="event", at=night, stage="hand_off")
    row = Decision.objects.get()
    assert (row.answer, row.rule, row.stage) == ("later", "co.h1", "hand_off")
    assert row.pack_version.startswith("2026-11-22+")


def test_preview_tells_the_composer_what_is_left(book: Portfolio) -> None:
    santiago = customer(book, country="CL", time_zone="America/Santiago", at=AT)
    contact(santiago, AT - 3 * DAY)
    verdict = decide.preview(santiago, channel="whatsapp", at=AT)
    assert verdict.is_allowed
    assert (verdict.used_this_week, verdict.allowed_this_week) == (1, 2)
    (count,) = verdict.counts
    assert (count.used, count.most, count.channels) == (1, 2, ("whatsapp", "sms", "email"))
    assert verdict.closes_at == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)


def test_five_hundred_asks_cost_as_many_queries_as_one(book: Portfolio) -> None:
    asks = [Ask(customer(book, at=AT).pk, "sms", "event") for _number in range(60)]
    with CaptureQueriesContext(connection) as few:
        decide.many(asks[:1], at=AT, stage="hand_off")
    with CaptureQueriesContext(connection) as many:
        decide.many(asks, at=AT, stage="hand_off")
    assert len(many) == len(few) <= 12
