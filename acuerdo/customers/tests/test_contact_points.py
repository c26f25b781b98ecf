import pytest
from django.db import connection

from acuerdo.customers import contact_points, profiles
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.customers.tests.factories import NOW, customer, email, phone, whatsapp
from acuerdo.events.models import Event
from acuerdo.organization.models import Portfolio
from acuerdo.primitives.refusals import Refusal


@pytest.fixture
def person(book: Portfolio) -> Customer:
    return customer(book)


def test_a_phone_is_kept_as_it_is_dialled(person: Customer) -> None:
    point = phone(person, "987 654-321")
    assert (point.value, point.key) == ("+51987654321", "51987654321")


def test_the_same_address_again_is_the_row_that_is_there(person: Customer) -> None:
    first = phone(person, "987654321")
    assert phone(person, "+51 987 654 321").pk == first.pk


@pytest.mark.parametrize("value", ["1", "0", "", "999", "00000000", "111111111", "no tiene"])
def test_a_placeholder_phone_is_no_contact(person: Customer, value: str) -> None:
    with pytest.raises(Refusal, match="no_contact"):
        contact_points.add(person, kind="phone", value=value, by=None, at=NOW)
    assert contact_points.find_owners("whatsapp", value) == []


@pytest.mark.parametrize("value", ["sincorreo@gmail.com", "NOTIENE@x.pe", "", "-", "test@test.com"])
def test_a_generic_mail_is_no_contact(person: Customer, value: str) -> None:
    with pytest.raises(Refusal, match="no_contact"):
        contact_points.add(person, kind="email", value=value, by=None, at=NOW)
    assert contact_points.find_owners("email", value) == []


def test_what_is_no_mail_is_refused(person: Customer) -> None:
    with pytest.raises(Refusal, match="bad_email"):
        email(person, "olga en gmail")


def test_five_of_a_kind_are_enough(person: Customer) -> None:
    points = [phone(person) for _ in range(contact_points.MAX_PER_KIND)]
    assert [point.position for point in points] == [1, 2, 3, 4, 5]
    with pytest.raises(Refusal, match="too_many"):
        phone(person)
    email(person)


def test_the_owner_is_found_whichever_form_the_provider_reports(book: Portfolio) -> None:
    brazilian = customer(book, country="BR")
    phone(brazilian, "11 98765-4321")
    assert contact_points.find_owners("whatsapp", "551187654321") == [brazilian]
    assert contact_points.find_owners("sms", "+5511987654321") == [brazilian]
    assert contact_points.find_owners("email", "551187654321") == []


def test_several_owners_are_all_told(book: Portfolio) -> None:
    rows = [customer(book), customer(book)]
    for row in rows:
        email(row, "Familia@example.com")
    assert contact_points.find_owners("email", "familia@EXAMPLE.com") == rows


def test_a_scoped_whatsapp_id_matches_itself_only(person: Customer) -> None:
    whatsapp(person, "bsuid:PE.13491208655302741918")
    found = contact_points.find_owners("whatsapp", "bsuid:PE.13491208655302741918")
    assert found == [person]
    assert contact_points.find_owners("whatsapp", "13491208655302741918") == []


def test_a_wrong_number_no_longer_names_its_customer(person: Customer) -> None:
    point = phone(person, "987654321")
    contact_points.mark_unusable(point, reason="Equivocado", by=None, at=NOW)
    assert contact_points.find_owners("whatsapp", "51987654321") == []


def test_a_deleted_customer_owns_nothing(person: Customer) -> None:
    phone(person, "987654321")
    profiles.update(person, status="deleted", by=None, at=NOW)
    assert contact_points.find_owners("call", "51987654321") == []


def test_whatsapp_prefers_its_own_point_and_falls_back_to_the_phone(person: Customer) -> None:
    mobile = phone(person)
    assert _first(person, "whatsapp") == mobile
    line = whatsapp(person)
    assert _first(person, "whatsapp") == line
    assert _first(person, "sms") == mobile
    assert _first(person, "email") is None


def test_a_refused_channel_leaves_the_others(person: Customer) -> None:
    mobile = phone(person)
    contact_points.refuse_channel(mobile, channel="whatsapp", reason="131026", by=None, at=NOW)
    assert _first(person, "whatsapp") is None
    assert _first(person, "sms") == mobile
    contact_points.clear_alert(mobile, by=None, at=NOW)
    assert _first(person, "whatsapp") == mobile


def test_the_next_usable_point_takes_over(person: Customer) -> None:
    first, second = phone(person), phone(person)
    contact_points.mark_unusable(first, reason="Suspendido", by=None, at=NOW)
    assert _first(person, "call") == second
    assert Event.objects.filter(type="contact_point.marked", data__mark="unusable").count() == 1


def test_a_reference_is_not_the_debtor(person: Customer) -> None:
    aunt = phone(person, role="reference")
    assert _first(person, "call") is None
    found = contact_points.for_channel([person.pk], channel="call", role="reference")
    assert found == {person.pk: aunt}


@pytest.mark.parametrize("channel", ["whatsapp", "sms", "call", "email"])
def test_the_sql_condition_agrees_with_for_channel(book: Portfolio, channel: str) -> None:
    rows = [customer(book) for _ in range(5)]
    phone(rows[0])
    whatsapp(rows[1])
    email(rows[2])
    contact_points.refuse_channel(phone(rows[3]), channel="whatsapp", reason="", by=None, at=NOW)
    condition = contact_points.usable_point_sql("%(channel)s", "c.id")
    with connection.cursor() as cursor:
        query = f"SELECT c.id FROM customers_customer c WHERE {condition}"
        cursor.execute(query, {"channel": channel})
        found = {row[0] for row in cursor.fetchall()}
    assert found == set(contact_points.for_channel([row.pk for row in rows], channel=channel))


def _first(row: Customer, channel: str) -> ContactPoint | None:
    return contact_points.for_channel([row.pk], channel=channel).get(row.pk)
