import pytest

from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.conversations.tray import saved_views
from acuerdo.conversations.tray.filters import InboxFilter
from acuerdo.conversations.view_models import SavedView
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
PENDING = InboxFilter(only_pending=True)
INBOX = "/conversaciones/"


def names(user: User) -> list[str]:
    return [view.name for view in saved_views.shelf(user).views]


def test_what_was_used_last_comes_back_without_an_address(adviser: User) -> None:
    browser = Browser(adviser)
    browser.get(INBOX, pending="1", channel="sms", q="ana")
    answer = browser.get(INBOX)
    assert (answer.status_code, answer["Location"]) == (302, f"{INBOX}?pending=1&channel=sms")
    assert Browser(adviser).get(INBOX).status_code == 302


def test_taking_the_filters_away_forgets_them(adviser: User) -> None:
    browser = Browser(adviser)
    browser.get(INBOX, pending="1")
    assert browser.get(INBOX, q="").status_code == 200
    assert browser.get(INBOX).status_code == 200


def test_an_open_conversation_keeps_the_list_as_it_was(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    browser.get(INBOX, channel="sms")
    html = browser.get(f"{INBOX}{overdue.pk}/").content.decode()
    assert 'id="row_' not in html
    assert "channel=sms" in html


def test_a_list_that_refreshes_itself_is_nobody_s_choice(adviser: User) -> None:
    browser = Browser(adviser)
    browser.get(INBOX, pending="1")
    browser.client.defaults["HTTP_HX_TRIGGER"] = "inbox"
    browser.get(INBOX, htmx=True, q="")
    assert saved_views.shelf(adviser).last == {"pending": "1"}


def test_a_list_that_refreshes_itself_leaves_the_address_alone(adviser: User) -> None:
    browser = Browser(adviser)
    assert browser.get(INBOX, htmx=True, pending="1")["HX-Replace-Url"] == f"{INBOX}?pending=1"
    browser.client.defaults["HTTP_HX_TRIGGER"] = "inbox"
    assert "HX-Replace-Url" not in browser.get(INBOX, htmx=True, pending="1")


def test_a_page_of_further_rows_has_its_filters_around_it(adviser: User) -> None:
    page = Browser(adviser).get(INBOX, pending="1", sort="waiting", after="x").text
    for name, value in {"pending": "1", "sort": "waiting"}.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page


def test_a_view_is_kept_found_and_counted(adviser: User, overdue: Customer) -> None:
    wrote(overdue)
    browser = Browser(adviser)
    form = {"name": " Los de  hoy ", "icon": "flame"}
    answer = browser.post(f"{INBOX}vistas/?pending=1", htmx=True, **form)
    assert "Los de hoy" in answer.content.decode()
    menu = browser.get(f"{INBOX}vistas/", htmx=True, pending="1").content.decode()
    assert 'aria-current="true"' in menu
    assert "Administrar vistas" in menu
    assert '<span class="count">1</span>' in menu
    Conversation.objects.update(pending_since=None)
    assert '<span class="count">0</span>' in browser.get(f"{INBOX}vistas/", htmx=True).text


def test_a_view_is_data_and_is_read_again(adviser: User) -> None:
    view = saved_views.save(InboxFilter.parse({"pending": "1", "q": "x"}), name="A", by=adviser)
    assert view.filters == {"pending": "1"}
    SavedView.objects.update(filters={"pending": "1", "sort": "'; DROP", "junk": "1"})
    answer = Browser(adviser).get(f"{INBOX}vistas/", htmx=True)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "wanted"), [("", PENDING), ("x" * 41, PENDING), ("Nada", InboxFilter())]
)
def test_a_view_without_name_or_filters_is_refused(
    adviser: User, name: str, wanted: InboxFilter
) -> None:
    with pytest.raises(Refusal):
        saved_views.save(wanted, name=name, by=adviser)


def test_a_second_view_of_one_name_and_one_too_many_are_refused(adviser: User) -> None:
    for number in range(saved_views.MOST - 1):
        saved_views.save(PENDING, name=f"Vista {number}", by=adviser)
    with pytest.raises(Refusal, match="view_exists"):
        saved_views.save(PENDING, name="Vista 3", by=adviser)
    saved_views.save(PENDING, name="La última", by=adviser)
    with pytest.raises(Refusal, match="too_many_views"):
        saved_views.save(PENDING, name="Otra", by=adviser)


def test_a_supervisor_shares_and_an_adviser_does_not(adviser: User, supervisor: User) -> None:
    saved_views.save(PENDING, name="Del equipo", is_shared=True, by=supervisor)
    saved_views.save(PENDING, name="Solo mía", by=supervisor)
    assert names(adviser) == ["Del equipo"]
    with pytest.raises(Refusal, match="not_yours"):
        saved_views.save(PENDING, name="Para todos", is_shared=True, by=adviser)


def test_somebody_else_s_view_is_not_changed(adviser: User, supervisor: User) -> None:
    view = saved_views.save(PENDING, name="Del equipo", is_shared=True, by=supervisor)
    browser = Browser(adviser)
    for address in ("", "retiro/", "posicion/"):
        answer = browser.post(f"{INBOX}vistas/{view.pk}/{address}", name="Mía", icon="star")
        assert answer.status_code == 404
    assert names(supervisor) == ["Del equipo"]


def test_views_are_renamed_moved_and_deleted(adviser: User) -> None:
    one, two = (saved_views.save(PENDING, name=name, by=adviser) for name in ("Uno", "Dos"))
    browser = Browser(adviser)
    browser.post(f"{INBOX}vistas/{two.pk}/posicion/", to="up", htmx=True)
    assert names(adviser) == ["Dos", "Uno"]
    browser.post(f"{INBOX}vistas/{one.pk}/", name="Primera", icon="clock", htmx=True)
    assert names(adviser) == ["Dos", "Primera"]
    refused = browser.post(f"{INBOX}vistas/{one.pk}/", name="Dos", icon="clock", htmx=True)
    assert refused.status_code == 409
    assert "Ya tiene una vista" in refused.content.decode()
    browser.post(f"{INBOX}vistas/{two.pk}/retiro/", htmx=True)
    assert names(adviser) == ["Primera"]


def test_the_next_view_goes_round(adviser: User) -> None:
    for name, params in (("Uno", {"pending": "1"}), ("Dos", {"channel": "sms"})):
        saved_views.save(InboxFilter.parse(params), name=name, by=adviser)
    shelf = saved_views.shelf(adviser)

    def after(**params: str) -> str:
        found = shelf.following(InboxFilter.parse(params))
        return found.name if found else ""

    assert [after(), after(pending="1"), after(channel="sms")] == ["Uno", "Dos", "Uno"]


def test_a_view_that_another_tab_removed_is_not_moved(adviser: User) -> None:
    saved_views.save(PENDING, name="Queda", by=adviser)
    gone = saved_views.save(PENDING, name="Se va", by=adviser)
    saved_views.delete(saved_views.own(adviser, "inbox", gone.pk))
    saved_views.move(gone, up=True)
    assert names(adviser) == ["Queda"]
