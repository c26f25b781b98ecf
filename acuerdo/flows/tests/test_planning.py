"""Who is planned on a day, who is skipped and why, and that a day is planned once."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from acuerdo.contact_policy import opt_outs
from acuerdo.contact_policy.tests.factories import contact
from acuerdo.customers import alerts, contact_points, pauses
from acuerdo.customers.models import Customer
from acuerdo.customers.tests.factories import customer, email, phone
from acuerdo.flows import planning
from acuerdo.flows.models import Flow, StepRun
from acuerdo.flows.tests.factories import flow, step
from acuerdo.ledger import promises
from acuerdo.ledger.tests.factories import NOW, TODAY, debt, payment, soles
from acuerdo.organization.models import Holiday, Portfolio, PortfolioKind

TEN_IN_LIMA = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)


@pytest.fixture
def general(book: Portfolio) -> Flow:
    return flow()


def debtor(book: Portfolio, days_past_due: int = 7, **fields: Any) -> Customer:
    row = customer(book, **fields)
    phone(row, f"+51987{row.pk % 1_000_000:06}")
    debt(row, days_past_due=days_past_due)
    return row


def planned(on: date = TODAY) -> dict[tuple[int, int], tuple[str, str]]:
    """Status and reason by customer and step."""
    planning.plan(on=on, at=NOW)
    rows = StepRun.objects.values_list("customer_id", "step_id", "status", "reason")
    return {(owner, step_id): (status, reason) for owner, step_id, status, reason in rows}


def only(on: date = TODAY) -> tuple[str, str]:
    return next(iter(planned(on).values()))


@pytest.mark.parametrize("offset", [-3, 0, 1, 30])
def test_step_concerns_those_whose_oldest_debt_is_that_old(
    book: Portfolio, general: Flow, offset: int
) -> None:
    its_turn, not_yet = debtor(book, offset), debtor(book, offset - 1)
    debt(its_turn, days_past_due=offset - 2)
    wanted = step(general, offset)
    assert planned() == {(its_turn.pk, wanted.pk): ("planned", "")}
    run = StepRun.objects.get()
    assert run.due_at == TEN_IN_LIMA
    assert (run.anchor_on, run.planned_on) == (TODAY - timedelta(days=offset), TODAY)
    assert not_yet.step_runs.count() == 0


def test_second_run_of_the_day_makes_nothing(book: Portfolio, general: Flow) -> None:
    debtor(book)
    step(general, 7)
    assert planning.plan(on=TODAY, at=NOW).created == 1
    assert planning.plan(on=TODAY, at=NOW).created == 0


def test_skipped_run_is_kept_and_not_tried_again(book: Portfolio, general: Flow) -> None:
    row = debtor(book)
    pause = pauses.pause(row, until=TODAY + timedelta(days=1), by=None, at=NOW)
    step(general, 7)
    assert only() == ("skipped", "paused")
    pauses.resume(pause, by=None, at=NOW)
    assert planning.plan(on=TODAY, at=NOW).created == 0


@pytest.mark.parametrize("kind", ["refuses", "cannot", "restructuring", "refinancing"])
def test_alert_silences_the_flow(book: Portfolio, general: Flow, kind: str) -> None:
    alerts.raise_alert(debtor(book), kind, by=None, at=NOW)
    step(general, 7)
    assert only() == ("skipped", f"alert_{kind}")


def test_pending_promise_silences_the_flow(book: Portfolio, general: Flow) -> None:
    promises.register(
        debtor(book), amount=soles(50), due_on=TODAY + timedelta(days=2), by=None, at=NOW
    )
    step(general, 7)
    assert only() == ("skipped", "promise_pending")


def test_who_paid_everything_is_no_longer_concerned(book: Portfolio, general: Flow) -> None:
    payment(debtor(book), 100)
    step(general, 7)
    assert planned() == {}


def test_no_usable_address_is_a_reason_for_calls_too(book: Portfolio, general: Flow) -> None:
    row = customer(book)
    debt(row, days_past_due=7)
    email(row)
    by_phone, by_mail = step(general, 7, "call"), step(general, 7, "email")
    assert planned() == {
        (row.pk, by_phone.pk): ("skipped", "no_contact_point"),
        (row.pk, by_mail.pk): ("planned", ""),
    }


def test_address_of_another_role_does_not_serve(book: Portfolio, general: Flow) -> None:
    debtor(book)
    step(general, 7, recipient="guarantor")
    assert only() == ("skipped", "no_contact_point")


def test_phone_that_refused_whatsapp_still_takes_sms(book: Portfolio, general: Flow) -> None:
    row = debtor(book)
    point = row.contact_points.get()
    contact_points.refuse_channel(point, channel="whatsapp", reason="no", by=None, at=NOW)
    chat, text = step(general, 7, "whatsapp"), step(general, 7, "sms")
    found = planned()
    assert found[row.pk, chat.pk] == ("skipped", "no_contact_point")
    assert found[row.pk, text.pk] == ("planned", "")


def test_opt_out_is_a_reason_on_its_channel(book: Portfolio, general: Flow) -> None:
    opt_outs.record(debtor(book), channel="sms", by=None, at=NOW)
    step(general, 7)
    assert only() == ("skipped", "opted_out")


@pytest.mark.parametrize(
    ("country", "days_ago", "channel", "expected"),
    [
        ("PE", 0, "email", "pe.c1"),
        ("PE", 1, "email", ""),
        ("CO", 6, "email", "co.c2"),
        ("CO", 6, "sms", ""),
        ("CO", 7, "email", ""),
        ("CL", 2, "whatsapp", "cl.g2"),
        ("CL", 3, "whatsapp", ""),
        ("CL", 2, "call", ""),
        ("MX", 0, "email", ""),
    ],
)
def test_caps_are_counted_in_the_database_as_at_the_door(
    book: Portfolio, general: Flow, country: str, days_ago: int, channel: str, expected: str
) -> None:
    row = debtor(book, country=country)
    contact(row, NOW - timedelta(days=days_ago, hours=1), channel=channel)
    step(general, 7)
    planning.plan(on=TODAY, at=NOW)
    run = StepRun.objects.get()
    assert run.rule == expected
    assert (run.status, run.reason) == (("skipped", "cap_reached") if expected else ("planned", ""))


def test_closed_day_moves_the_step_to_the_next_open_one(book: Portfolio, general: Flow) -> None:
    Holiday.objects.create(country="PE", on=TODAY, name="Aniversario")
    debtor(book)
    step(general, 7)
    assert only() == ("postponed", "holiday")
    run = StepRun.objects.get()
    assert run.due_at == datetime(2026, 6, 11, 12, 0, tzinfo=UTC)
    assert run.rule == "pe.h2"
    assert run.pack_version.startswith("2026-11-22+")


def test_closed_hour_waits_for_the_opening(book: Portfolio, general: Flow) -> None:
    debtor(book)
    step(general, 7, hour=time(6))
    assert only() == ("postponed", "closed_hours")
    assert StepRun.objects.get().due_at == datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


def test_postponed_step_gives_way_to_a_later_one_of_its_channel(
    book: Portfolio, general: Flow
) -> None:
    Holiday.objects.create(country="PE", on=TODAY, name="Aniversario")
    debtor(book)
    step(general, 7)
    step(general, 8, hour=time(7))
    step(general, 8, "email", hour=time(6))
    assert only() == ("skipped", "later_step_due")


def test_country_without_a_pack_is_not_contacted(book: Portfolio, general: Flow) -> None:
    row = customer(book, country="UY")
    phone(row, "+59899123456")
    debt(row, days_past_due=7)
    step(general, 7)
    assert only() == ("skipped", "no_pack")


def test_hour_is_the_customers_own(book: Portfolio, general: Flow) -> None:
    debtor(book, country="MX", time_zone="America/Tijuana")
    step(general, 7)
    planning.plan(on=TODAY, at=NOW)
    assert StepRun.objects.get().due_at == datetime(2026, 6, 10, 17, 0, tzinfo=UTC)


def test_portfolio_with_a_flow_of_its_own_leaves_the_general_one(
    book: Portfolio, other_book: Portfolio, general: Flow
) -> None:
    theirs = flow(portfolio=other_book)
    ours, other = debtor(book), debtor(other_book)
    shared, own = step(general, 7), step(theirs, 7)
    assert set(planned()) == {(ours.pk, shared.pk), (other.pk, own.pk)}


def test_charged_off_portfolio_has_no_flow(book: Portfolio, general: Flow) -> None:
    debtor(book)
    step(general, 7)
    Portfolio.objects.filter(pk=book.pk).update(kind=PortfolioKind.CHARGED_OFF)
    assert planned() == {}


def test_inactive_steps_and_flows_do_nothing(book: Portfolio, general: Flow) -> None:
    debtor(book)
    step(general, 7, is_active=False)
    step(flow(is_active=False), 7)
    assert planned() == {}


def test_batches_cover_everybody(
    book: Portfolio, general: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners = {debtor(book).pk for _number in range(7)}
    step(general, 7)
    monkeypatch.setattr(planning, "BATCH", 2)
    monkeypatch.setattr(planning, "PREVIEW_BATCH", 2)
    assert len(list(planning.preview(on=TODAY))) == 7
    assert {owner for owner, _step in planned()} == owners


def test_preview_tells_and_writes_nothing(book: Portfolio, general: Flow) -> None:
    row = debtor(book, first_name="Olga", last_name="Vencida")
    wanted = step(general, 7, key="semana", name="Una semana")
    assert list(planning.preview(on=TODAY)) == [
        {
            "customer": row.document_number,
            "name": "Olga Vencida",
            "step": "semana",
            "step_id": wanted.pk,
            "step_name": "Una semana",
            "channel": "sms",
            "days_past_due": 7,
            "due_on": "2026-06-03",
            "outcome": "planned",
            "reason": "",
            "due_at": TEN_IN_LIMA.isoformat(),
        }
    ]
    assert not StepRun.objects.exists()


def test_preview_and_plan_agree(book: Portfolio, general: Flow) -> None:
    pauses.pause(debtor(book), until=TODAY + timedelta(days=1), by=None, at=NOW)
    debtor(book)
    debt(customer(book), days_past_due=7)
    step(general, 7)
    told = sorted((row["outcome"], row["reason"]) for row in planning.preview(on=TODAY))
    assert told == sorted(planned().values())
    assert told == sorted((row["outcome"], row["reason"]) for row in planning.preview(on=TODAY))
