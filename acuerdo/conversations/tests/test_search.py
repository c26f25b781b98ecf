import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from acuerdo.channels.tests.factories import account
from acuerdo.conversations.models import Message
from acuerdo.conversations.team import notes
from acuerdo.conversations.tests.factories import NOW, customer, portfolio, queued, user
from acuerdo.conversations.tests.test_filters import shown, wrote
from acuerdo.conversations.tray import search
from acuerdo.customers.models import Customer
from acuerdo.organization.models import Role

pytestmark = pytest.mark.django_db


def said(owner: Customer, words: str) -> list[str]:
    return [str(hit.snippet) for hit in search.messages(user(Role.ADMINISTRATOR), words)]


@pytest.mark.parametrize(
    "spell", [str.lower, str.upper, lambda code: code[:3], lambda code: f"  {code} "]
)
def test_the_code_of_a_debt_names_its_customer(spell: object) -> None:
    assert callable(spell)
    owner, _other = wrote(customer()), wrote(customer())
    owner.debts.update(code="XZ77-310")
    assert shown(q=spell("XZ77-310")) == [owner.pk]


@pytest.mark.parametrize("words", ["transfereN", "TRANSFERENCIA banco", "operación"])
def test_messages_are_found_by_their_words_without_accents(words: str) -> None:
    owner = wrote(customer(), "Hice la transferencia por el banco, operacion 4471")
    wrote(customer(), "Mañana le aviso")
    (snippet,) = said(owner, words)
    assert "<mark>" in snippet


@pytest.mark.parametrize(("reach", "statements"), [((1,), 2), ((0, 1), 3), ((0,), 3)])
def test_the_latest_that_say_it_are_found_near_before_far(
    reach: tuple[int, ...],
    statements: int,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(search, "REACH", reach)
    monkeypatch.setattr(search, "MOST_HITS", 2)
    owner, reader = customer(), user(Role.ADMINISTRATOR)
    for place in range(3):
        wrote(owner, f"transferencia {place}")
    with django_assert_num_queries(statements):
        found = search.messages(reader, "transferencia")
    assert [hit.message.body[-1] for hit in found] == ["2", "1"]


def test_words_and_batches_are_asked_of_one_index() -> None:
    wrote(customer(), "transferencia")
    rows = search.saying(user(Role.ADMINISTRATOR), "transferencia")
    assert rows is not None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    plan = search.since_batch(rows, 1).explain()
    assert re.search(
        r"message_words.*\n +Index Cond: .*interaction_id / 5000.*to_tsvector", plan
    ), plan


def test_what_a_message_says_is_never_markup() -> None:
    owner = wrote(customer(), "<script>alert(1)</script> transferencia")
    (snippet,) = said(owner, "transferencia")
    assert "<script>" not in snippet


def test_what_a_template_says_to_everybody_is_not_found() -> None:
    account()
    owner = customer()
    message = queued(owner, body="Su recibo vence pronto")
    assert len(said(owner, "recibo")) == 1
    Message.objects.filter(pk=message.pk).update(template_version=1)
    assert said(owner, "recibo") == []


def test_messages_of_others_are_not_found() -> None:
    wrote(customer(book=portfolio("otra")), "transferencia")
    adviser = user(Role.ADVISER, portfolio())
    assert search.messages(adviser, "transferencia") == []


@pytest.mark.parametrize("words", ["'", "a", "a'b & !", "\\", ":*", "no & ( |", "ñ" * 90])
def test_no_words_break_the_search(words: str) -> None:
    owner = wrote(customer(), "algo")
    assert said(owner, words) == []
    assert shown(q=words.strip()) in ([], [owner.pk])


def noted(owner: Customer, body: str) -> int:
    return notes.write(owner, body=body, by=user(Role.ADMINISTRATOR), at=NOW).interaction_id


def test_a_note_is_found_and_leads_to_its_day(client: Client) -> None:
    owner = customer()
    note = noted(owner, "La atendió su <hija>, operación pendiente")
    noted(owner, "Otra cosa")
    (hit,) = search.notes(user(Role.ADMINISTRATOR), "operacion", zone="America/Lima")
    assert "<mark>operación</mark>" in hit.snippet
    assert "<hija>" not in hit.snippet
    assert (hit.note.pk, hit.day) == (note, (NOW - timedelta(hours=5)).date())
    client.force_login(user(Role.ADMINISTRATOR))
    html = client.get("/conversaciones/", {"q": "operacion"}).content.decode()
    assert f"dia={hit.day}#entry_{note}" in html
    assert ">Notas<" in html


def test_notes_about_others_are_not_found() -> None:
    noted(customer(book=portfolio("otra")), "transferencia")
    adviser = user(Role.ADVISER, portfolio())
    assert search.notes(adviser, "transferencia", zone="America/Lima") == []
    assert search.notes(user(Role.ADMINISTRATOR), "transferencia", zone="UTC") != []
