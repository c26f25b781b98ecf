"""Whom a note names is told, and only who may see the customer can be named."""

import pytest

from acuerdo.conversations.note_models import Mention, Note
from acuerdo.conversations.team import mentions, notes
from acuerdo.conversations.team.mentions import Piece
from acuerdo.conversations.tests.screens import Browser
from acuerdo.customers import assignment
from acuerdo.customers.models import Customer
from acuerdo.events.audience import Listener
from acuerdo.events.models import Event
from acuerdo.events.news import News
from acuerdo.organization import access, teams
from acuerdo.organization.models import Organization, Portfolio, Role, User
from acuerdo.organization.tests.cast import NOW
from acuerdo.organization.tests.factories import user
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
COUNT = "/conversaciones/menciones/conteo/"
LIST = "/conversaciones/menciones/"


def note(overdue: Customer, body: str, *, by: User) -> Note:
    return notes.write(overdue, body=body, by=by, at=NOW)


def reaches(person: User, book: Portfolio, owner: int | None) -> bool:
    return access.scope(person).allows(portfolio_id=book.pk, adviser_id=owner)


def counted(person: User) -> str:
    words = str(Browser(person).get(COUNT, htmx=True).content.decode())
    return words.split("<", maxsplit=1)[0]


def test_who_is_named_sees_it_until_it_is_opened(
    adviser: User, supervisor: User, overdue: Customer
) -> None:
    written = note(overdue, f"¿Lo ve @{supervisor.name.upper()}? Gracias", by=adviser)
    assert (counted(supervisor), counted(adviser)) == ("1", "")
    screen = Browser(supervisor)
    html = screen.get(LIST).content.decode()
    assert f'<b class="mention">@{supervisor.name.upper()}</b>' in html
    assert counted(supervisor) == "1"
    row = Mention.objects.get()
    opened = screen.post(f"{LIST}{row.pk}/vista/")
    assert opened["Location"].endswith(f"?dia=2026-06-10#entry_{written.pk}")
    assert counted(supervisor) == ""
    assert "Sin menciones por ver" in screen.get(LIST).content.decode()
    assert supervisor.name.upper() in screen.get(LIST, todas=1).content.decode()


def test_nobody_is_named_who_may_not_see_the_customer(
    adviser: User, overdue: Customer, other_book: Portfolio
) -> None:
    outsider = user(Role.ADVISER, other_book, name="Pía Ajena")
    with pytest.raises(Refusal, match="Pía Ajena no puede ver a este cliente"):
        note(overdue, "Pregunten a @pía ajena", by=adviser)
    assert not Note.objects.exists()
    html = Browser(adviser).get(f"/conversaciones/{overdue.pk}/colegas/", htmx=True)
    assert outsider.name not in html.content.decode()


def test_a_name_in_letters_of_another_alphabet_is_nobodys(
    adviser: User, book: Portfolio, overdue: Customer
) -> None:
    user(Role.SUPERVISOR, book, name="Iris Solis")
    with pytest.raises(Refusal, match="no puede ver a este cliente"):
        note(overdue, "Lo ve @Irıs Solis", by=adviser)


def test_only_the_mention_of_oneself_opens(
    adviser: User, supervisor: User, administrator: User, overdue: Customer
) -> None:
    note(overdue, f"@{supervisor.name} y @{adviser.name}", by=adviser)
    row = Mention.objects.get()
    assert row.user == supervisor
    assert Browser(administrator).post(f"{LIST}{row.pk}/vista/").status_code == 404
    assert Browser(administrator).post(f"{LIST}vistas/").status_code == 302
    assert counted(supervisor) == "1"


def test_who_loses_the_customer_loses_the_mention(
    adviser: User, other_adviser: User, supervisor: User, overdue: Customer
) -> None:
    note(overdue, f"@{adviser.name} llame", by=supervisor)
    assert counted(adviser) == "1"
    assignment.assign(overdue, other_adviser, by=supervisor, at=NOW)
    assert counted(adviser) == ""
    assert overdue.full_name not in Browser(adviser).get(LIST, todas=1).content.decode()
    assert Browser(adviser).post(f"{LIST}{Mention.objects.get().pk}/vista/").status_code == 404


def test_the_news_reaches_whoever_is_named(
    adviser: User, supervisor: User, overdue: Customer, other_book: Portfolio
) -> None:
    note(overdue, f"@{supervisor.name}", by=adviser)
    event = Event.objects.get(type="note.mentioned")
    assert event.data["users"] == [supervisor.pk]
    owner = overdue.portfolio_id, overdue.adviser_id
    news = News(event.type, overdue.pk, owner=owner, event=event)
    with clock.travel(NOW):
        for person, heard in ((supervisor, event.type), (user(Role.ADVISER, other_book), None)):
            assert Listener(person.pk, access.scope(person)).hears(news) == heard


@pytest.mark.parametrize("sees_team", [True, False])
@pytest.mark.parametrize("sees_unassigned", [True, False])
@pytest.mark.parametrize("is_assigned", [True, False])
def test_the_readers_of_a_customer_are_those_whose_scope_reaches(
    organization: Organization,
    book: Portfolio,
    adviser: User,
    *,
    sees_team: bool,
    sees_unassigned: bool,
    is_assigned: bool,
) -> None:
    Organization.objects.update(
        advisers_see_team=sees_team, advisers_see_unassigned=sees_unassigned
    )
    for role in Role.values:
        user(role, book)
        user(role)
    mates = [adviser.pk, user(Role.ADVISER, book).pk, user(Role.ADVISER, book).pk]
    User.objects.filter(pk__in=mates).update(team=teams.create("Norte", by=adviser, at=NOW))
    User.objects.filter(pk=user(Role.ADMINISTRATOR).pk).update(is_active=False)
    owner = adviser.pk if is_assigned else None
    active = User.objects.filter(is_active=True)
    reached = {each.pk for each in active if reaches(each, book, owner)}
    found = access.readers_of(portfolio_id=book.pk, adviser_id=owner)
    assert {person.pk for person in found} == reached


def test_longer_names_win_and_addresses_are_no_names() -> None:
    names = ["Ana", "Ana María", "correo"]
    assert mentions.pieces("Hola @ana maría, ana@correo.pe @Anabel", names) == [
        Piece("Hola "),
        Piece("@ana maría", is_name=True),
        Piece(", ana@correo.pe @Anabel"),
    ]
