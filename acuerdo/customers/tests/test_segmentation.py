from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from acuerdo.customers import profiles, segmentation, segments, tasks
from acuerdo.customers.models import Customer
from acuerdo.customers.segment_rules import Rule
from acuerdo.customers.tests.factories import NOW, customer, phone
from acuerdo.events.models import Event
from acuerdo.organization.models import Portfolio, Role, User
from acuerdo.organization.tests.factories import user
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.spreadsheets.tests.factories import loaded

pytestmark = pytest.mark.django_db
COMPANY = Rule(chosen=(("person", ("company",)),))
PERU = Rule(chosen=(("country", ("PE",)),))
HEAD = "Tipo de documento,Número de documento,Nombre,Es empresa,Celular 1\n"


@pytest.fixture
def boss() -> User:
    return user(Role.ADMINISTRATOR)


def segment_of(row: Customer) -> str:
    row.refresh_from_db()
    return row.segment.name if row.segment else ""


def test_the_first_that_fits_wins_and_the_rest_have_none(book: Portfolio, boss: User) -> None:
    both, person, nobody = (
        customer(book, is_company=True),
        customer(book),
        customer(book, country="CL"),
    )
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    peru = segments.create("Perú", PERU, by=boss, at=NOW)
    assert segmentation.recompute(at=NOW) == 2
    assert [segment_of(row) for row in (both, person, nobody)] == ["Empresas", "Perú", ""]
    segments.move(peru, up=True, by=boss, at=NOW)
    assert segmentation.recompute(at=NOW) == 1
    assert segment_of(both) == "Perú"


def test_recompute_writes_only_who_changes_and_says_how_many(book: Portfolio, boss: User) -> None:
    firm = customer(book, is_company=True)
    customer(book)
    row = segments.create("Empresas", COMPANY, by=boss, at=NOW)
    assert segmentation.state().is_stale
    with clock.travel(NOW):
        assert (segmentation.recompute(at=NOW, by=boss), segmentation.recompute(at=NOW)) == (1, 0)
    state, counts = segmentation.state(), {str(book.pk): 1}
    assert (state.at, state.is_stale) == (NOW, False)
    assert state.counts == {str(row.pk): counts, "": counts}
    Customer.objects.filter(pk=firm.pk).update(is_company=False)
    assert segmentation.recompute(at=NOW) == 1
    assert segment_of(firm) == ""
    told = Event.objects.filter(type="segments.recomputed").order_by("pk")
    assert [event.data["moved"] for event in told] == [1, 0, 1]


def test_the_cost_is_of_batches_and_not_of_customers(
    book: Portfolio, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    firms = [customer(book, is_company=True) for _ in range(5)]
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    monkeypatch.setattr(segmentation, "BATCH", 2)
    with CaptureQueriesContext(connection) as seen:
        assert segmentation.recompute(at=NOW) == 5
    assert len([each for each in seen if "UPDATE customers_customer" in each["sql"]]) == 3
    assert {segment_of(row) for row in firms} == {"Empresas"}


@pytest.mark.django_db(transaction=True)
def test_two_computations_never_run_at_once(boss: User) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [segmentation.LOCK])
        with pytest.raises(Refusal) as refused:
            segmentation.recompute(at=NOW, by=boss)
        assert refused.value.code == "segmenting"
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [segmentation.LOCK])
        segmentation.recompute(at=NOW, by=boss)
    finally:
        other.close()


def test_what_changed_meanwhile_still_waits(
    book: Portfolio, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments.create("Antes", COMPANY, by=boss, at=NOW)
    counted = segmentation._counts

    def interrupted() -> dict[str, dict[str, int]]:
        segments.create("Durante", COMPANY, by=boss, at=NOW)
        return counted()

    monkeypatch.setattr(segmentation, "_counts", interrupted)
    segmentation.recompute(at=NOW)
    assert segmentation.state().is_stale


def test_who_is_new_or_edited_is_in_a_segment_at_once(book: Portfolio, boss: User) -> None:
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    firm = customer(book, is_company=True)
    assert segment_of(firm) == "Empresas"
    profiles.update(firm, is_company=False, by=boss, at=NOW)
    assert segment_of(firm) == ""


def test_a_new_phone_counts_at_once(book: Portfolio, boss: User) -> None:
    segments.create("Mudos", Rule(chosen=(("reachable", ("no",)),)), by=boss, at=NOW)
    row = customer(book)
    assert segment_of(row) == "Mudos"
    phone(row)
    assert segment_of(row) == ""


def test_without_segments_an_edit_asks_nothing_more(book: Portfolio) -> None:
    with CaptureQueriesContext(connection) as seen:
        assert segmentation.place([customer(book).pk]) == 0
    assert not [each for each in seen if "segment_id" in each["sql"].partition("FROM")[2]]


def test_whom_a_file_brings_or_changes_is_placed_by_the_set(book: Portfolio, boss: User) -> None:
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    rows = [f"CODIGO,A-{place},Cliente,Sí,98765{place:04}\n" for place in range(30)]
    loaded("customers", HEAD + "".join(rows[:5]))
    few = _statements_of(HEAD + "".join(rows[5:6]))
    assert _statements_of(HEAD + "".join(rows[6:])) == few
    assert Customer.objects.filter(segment__name="Empresas").count() == 30
    loaded("customers", HEAD + "CODIGO,A-7,Cliente,No,\n")
    assert segment_of(Customer.objects.get(document_key="A7")) == ""


def _statements_of(text: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        loaded("customers", text)
    return len([each for each in seen if "customers_" in each["sql"]])


def test_a_rule_that_changed_is_not_used_for_whom_an_edit_places(
    book: Portfolio, boss: User
) -> None:
    row = segments.create("Empresas", COMPANY, by=boss, at=NOW)
    segments.update(row, "Peruanos", PERU, by=boss, at=NOW)
    assert segment_of(customer(book)) == "Peruanos"


@pytest.mark.django_db(transaction=True)
def test_no_rule_changes_while_somebody_is_placed(boss: User) -> None:
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    other = connection.copy()
    try:
        with transaction.atomic():
            segmentation.place([])
            with other.cursor() as cursor, pytest.raises(OperationalError):
                cursor.execute("SELECT FROM customers_segmentation FOR UPDATE NOWAIT")
    finally:
        other.close()


def test_what_is_asked_for_is_done_by_one_job_and_said(book: Portfolio, boss: User) -> None:
    firm = customer(book, is_company=True)
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    segments.ask(by=boss, at=NOW)
    segments.ask(by=boss, at=NOW)
    assert ProcrastinateJob.objects.filter(task_name=tasks.sort_customers.name).count() == 1
    assert (segmentation.state().asked_at, segment_of(firm)) == (NOW, "")
    with clock.travel(NOW):
        tasks.sort_customers()
    state = segmentation.state()
    assert (state.asked_at, state.at, segment_of(firm)) == (None, NOW, "Empresas")
    assert Event.objects.get(type="segments.recomputed").actor == boss
    tasks.sort_customers()
    assert Event.objects.filter(type="segments.recomputed").count() == 1


def test_what_was_asked_for_and_failed_is_over_and_says_so(
    boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    segments.ask(by=boss, at=NOW)

    def fault() -> dict[str, dict[str, int]]:
        raise DatabaseError

    monkeypatch.setattr(segmentation, "_counts", fault)
    with pytest.raises(DatabaseError):
        segmentation.resume(at=NOW)
    state = segmentation.state()
    assert (state.asked_at, state.failed_at, state.is_stale) == (None, NOW, True)


def test_what_was_asked_for_during_another_computation_is_done_after_it(
    boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_fitting = segmentation._first_fitting

    def interrupted(*given: Any) -> Any:
        segments.ask(by=boss, at=NOW)
        return first_fitting(*given)

    monkeypatch.setattr(segmentation, "_first_fitting", interrupted)
    segmentation.recompute(at=NOW)
    assert segmentation.state().asked_at == NOW
