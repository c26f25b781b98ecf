import pytest
from django.test import Client

from acuerdo.channels.tests.factories import account
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations import references
from acuerdo.conversations.models import Message
from acuerdo.conversations.sending import unsubscribing
from acuerdo.conversations.tests.factories import customer, queued

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter() -> Message:
    account("email")
    return queued(customer(), channel="email", subject="Aviso")


def path(letter: Message) -> str:
    url = unsubscribing.url_of(letter.pk)
    return url[url.index("/darse-de-baja/") :]


def test_one_click_ends_the_emails_without_cookies_or_sign_in(letter: Message) -> None:
    visitor = Client(enforce_csrf_checks=True)
    body = {"List-Unsubscribe": "One-Click"}
    assert [visitor.post(path(letter), body).status_code for _ in range(2)] == [200, 200]
    row = OptOut.objects.get()
    assert (row.customer, row.channel) == (letter.interaction.customer, "email")


def test_following_the_link_changes_nothing_and_shows_no_more_than_a_mask(letter: Message) -> None:
    page = Client().get(path(letter)).content.decode()
    assert not OptOut.objects.exists()
    assert '<form method="post"' in page
    assert letter.address not in page
    assert letter.interaction.customer.last_name not in page


@pytest.mark.parametrize("token", ["1", "1-aaaaaaaaaaaaaaaa", "nobody"])
def test_guessed_link_does_nothing(letter: Message, token: str) -> None:
    for ask in (Client().get, Client().post):
        assert ask(f"/darse-de-baja/{token}/").status_code == 404
    assert Client().post(f"/darse-de-baja/{references.of(letter.pk)}/").status_code == 404
    assert not OptOut.objects.exists()
