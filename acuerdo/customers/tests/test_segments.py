from typing import Any

import pytest

from acuerdo.customers import alerts, bulk, contact_points, profiles, segmentation, segments
from acuerdo.customers.models import AlertKind, Customer, Segment
from acuerdo.customers.segment_rules import ANY, FieldTest, Rule, known
from acuerdo.customers.tests.factories import NOW, customer, phone
from acuerdo.events.models import Event
from acuerdo.organization.models import Portfolio, PortfolioKind, Role, User
from acuerdo.organization.tests.factories import portfolio, user
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
COMPANY = Rule(chosen=(("person", ("company",)),))
PERU = Rule(chosen=(("country", ("PE",)),))


@pytest.fixture
def boss() -> User:
    return user(Role.ADMINISTRATOR)


@pytest.fixture
def book() -> Portfolio:
    return portfolio()


def segment_of(row: Customer) -> str:
    row.refresh_from_db()
    return row.segment.name if row.segment else ""


def declared(**labels: str) -> None:
    bulk.declare_customer_fields(labels)


def fits(rule: Rule, row: Customer) -> bool:
    return Customer.objects.filter(rule.condition(known()), pk=row.pk).exists()


def test_who_edits_a_customer_meanwhile_undoes_no_segment(book: Portfolio, boss: User) -> None:
    row = customer(book, is_company=True)
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    segmentation.recompute(at=NOW)
    profiles.update(row, last_name="Nueva", by=boss, at=NOW)
    assert segment_of(row) == "Empresas"


def test_a_deleted_segment_leaves_its_customers_without_one(book: Portfolio, boss: User) -> None:
    firm = customer(book, is_company=True)
    row = segments.create("Empresas", COMPANY, by=boss, at=NOW)
    segmentation.recompute(at=NOW)
    segments.delete(row, by=boss, at=NOW)
    assert segment_of(firm) == ""
    assert segmentation.state().is_stale


def test_every_change_is_told(boss: User) -> None:
    first = segments.create("Uno", COMPANY, by=boss, at=NOW)
    segments.create("Dos", PERU, by=boss, at=NOW)
    segments.update(first, "Primero", PERU, by=boss, at=NOW)
    segments.move(first, up=False, by=boss, at=NOW)
    segments.move(first, up=False, by=boss, at=NOW)
    segments.delete(first, by=boss, at=NOW)
    told = Event.objects.filter(type__startswith="segment.").order_by("pk")
    kinds = [event.type.removeprefix("segment.") for event in told]
    assert kinds == ["created", "created", "updated", "moved", "deleted"]
    assert {event.actor for event in told} == {boss}


def test_a_name_is_taken_once_whatever_its_case(boss: User) -> None:
    segments.create("Empresas", COMPANY, by=boss, at=NOW)
    with pytest.raises(Refusal) as refused:
        segments.create(" EMPRESAS ", PERU, by=boss, at=NOW)
    assert (refused.value.code, refused.value.field) == ("name_taken", "name")
    other = segments.create("Perú", PERU, by=boss, at=NOW)
    with pytest.raises(Refusal):
        segments.update(other, "empresas", PERU, by=boss, at=NOW)
    assert segments.update(other, "PERÚ", PERU, by=boss, at=NOW).name == "PERÚ"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (Rule(), "empty_rule"),
        (Rule(fields=(FieldTest("nada", "is", "x"),)), "rule_gone"),
        (Rule(chosen=(("portfolio", ("0",)),)), "rule_gone"),
        (Rule(fields=(FieldTest("score", "mal", "x"),)), "no_test"),
        (Rule(fields=(FieldTest("score", "more", "mucho"),)), "no_number"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused(boss: User, rule: Rule, code: str) -> None:
    declared(score="Puntaje")
    with pytest.raises(Refusal) as refused:
        segments.create("Malo", rule, by=boss, at=NOW)
    assert refused.value.code == code
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("test", "value", "stored", "fit"),
    [
        ("is", "Alto", "ALTO ", True),
        ("is", "alto", "bajo", False),
        ("is", "5", 5, True),
        ("is_not", "alto", "bajo", True),
        ("is_not", "alto", None, True),
        ("is_not", "alto", "Alto", False),
        ("more", "700", "700,5", True),
        ("more", "700", "700", False),
        ("more", "-3", "-2.5", True),
        ("less", "700", "99", True),
        ("less", "700", "uno", False),
        ("less", "700", None, False),
        ("filled", "", "x", True),
        ("filled", "", " ", False),
        ("empty", "", None, True),
        ("empty", "", "x", False),
    ],
)
def test_a_custom_field_is_put_to_the_test(
    book: Portfolio, test: str, value: str, stored: Any, fit: bool
) -> None:
    declared(score="Puntaje")
    row = customer(book, custom={} if stored is None else {"score": stored})
    assert fits(Rule(fields=(FieldTest("score", test, value),)), row) is fit


@pytest.mark.parametrize(
    "lost",
    [
        Rule(chosen=(("gone", ("x",)),)),
        Rule(chosen=(("portfolio", ("0",)),)),
        Rule(fields=(FieldTest("gone", "is_not", "x"),)),
        Rule(fields=(FieldTest("gone", "empty"),)),
    ],
)
def test_a_rule_that_names_what_is_gone_fits_nobody(book: Portfolio, lost: Rule) -> None:
    row = customer(book)
    assert not fits(lost, row)
    assert not fits(Rule(join=ANY, chosen=(*lost.chosen, *PERU.chosen), fields=lost.fields), row)
    assert not fits(Rule(), row)


def test_all_or_any_of_the_conditions(book: Portfolio) -> None:
    firm = customer(book, is_company=True, country="CL")
    chosen = (*COMPANY.chosen, *PERU.chosen)
    assert not fits(Rule(chosen=chosen), firm)
    assert fits(Rule(join=ANY, chosen=chosen), firm)


def test_each_variable_asks_what_it_says(book: Portfolio, boss: User) -> None:
    old = portfolio("castigada")
    Portfolio.objects.filter(pk=old.pk).update(kind=PortfolioKind.CHARGED_OFF)
    found, other = customer(old, is_company=True, country="CL"), customer(book)
    alerts.raise_alert(found, AlertKind.CANNOT, by=boss, at=NOW)
    phone(found)
    contact_points.mark_unusable(phone(other), reason="No existe", by=boss, at=NOW)
    for key, mine, others in (
        ("person", "company", "person"),
        ("portfolio", str(old.pk), str(book.pk)),
        ("portfolio_kind", "charged_off", "current"),
        ("country", "CL", "PE"),
        ("alert", "cannot", "refuses"),
        ("reachable", "yes", "no"),
    ):
        assert fits(Rule(chosen=((key, (mine,)),)), found), key
        assert not fits(Rule(chosen=((key, (mine,)),)), other), key
        assert not fits(Rule(chosen=((key, (others,)),)), found), key


def test_deleted_by_another_it_is_not_saved(boss: User) -> None:
    row = segments.create("Empresas", COMPANY, by=boss, at=NOW)
    segments.delete(Segment.objects.get(), by=boss, at=NOW)
    with pytest.raises(Refusal) as refused:
        segments.update(row, "Otras", COMPANY, by=boss, at=NOW)
    assert refused.value.code == "segment_gone"
