"""What bin/load-demo lays agrees with itself, as if the product had done it row by row."""

import sys
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import F, Sum

from acuerdo.conversations.models import Conversation, Message
from acuerdo.customers.models import Balance, ContactPoint, Customer, Standing
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import standings
from acuerdo.ledger.models import Debt
from acuerdo.organization.models import Portfolio, Role, User
from acuerdo.primitives import phone
from acuerdo.simulator import cast, people
from bench import load_demo, loading, sheet
from bench.lives import House, Life
from bench.sheet import Sheet

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


def load(customers: int, interactions: int) -> list[str]:
    told: list[str] = []
    loading.load(customers, interactions, now=NOW, say=told.append)
    return told


@pytest.fixture
def loaded() -> None:
    told = load(120, 1_500)
    assert "120 of 120" in told[-1]


@pytest.mark.usefixtures("loaded")
def test_as_many_as_were_asked_for_in_several_portfolios() -> None:
    assert Customer.objects.count() == 120
    # Beside them, some have a call to be made today.
    assert Interaction.objects.exclude(status="pending_call").count() == 1_500
    assert Portfolio.objects.filter(customers__isnull=False).distinct().count() > 5
    assert User.objects.filter(email=cast.LOGINS[0].email, role=Role.ADVISER).exists()
    assert Message.objects.count() > 700


@pytest.mark.usefixtures("loaded")
def test_figures_are_those_that_the_ledger_would_write() -> None:
    assert not (
        Debt.objects.annotate(told=Sum("entries__amount")).exclude(balance=F("told")).exists()
    )
    laid = [list(model.objects.order_by("customer_id").values()) for model in (Standing, Balance)]
    standings.refresh(Customer.objects.values_list("pk", flat=True), on=NOW.date())
    for model, before in zip((Standing, Balance), laid, strict=True):
        after = list(model.objects.order_by("customer_id").values())
        assert [{**row, "id": 0} for row in after] == [{**row, "id": 0} for row in before]


@pytest.mark.usefixtures("loaded")
def test_conversations_show_their_last_message() -> None:
    for row in Conversation.objects.all():
        sent = Interaction.objects.filter(customer=row.pk, kind="message").order_by("at", "pk")
        last = sent.last()
        assert last
        assert (row.last_interaction_id, row.last_at) == (last.pk, last.at)
        assert row.last_status == last.status
        assert row.preview == last.summary[:160]
        assert (row.unanswered > 0) is (row.pending_since is not None)
    assert Conversation.objects.exclude(pending_since=None).exists()


@pytest.mark.usefixtures("loaded")
def test_addresses_are_recognised_and_ids_go_on() -> None:
    for point in ContactPoint.objects.filter(kind="phone"):
        assert point.key == phone.key(point.value)
    assert len(set(ContactPoint.objects.values_list("key", flat=True))) == (
        ContactPoint.objects.count()
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('customers_customer', 'id'))")
        assert cursor.fetchone()[0] > Customer.objects.latest("pk").pk


def test_same_seed_makes_the_same_lines() -> None:
    pairs = {country: [1, 2] for country in people.COUNTRIES}
    house = House(pairs, pairs, dict.fromkeys(("whatsapp", "sms", "email", "call"), 1))

    def lines(seed: int) -> dict[str, list[str]]:
        lines_ = Sheet(dict.fromkeys(sheet.ID_TABLES, 1))
        for number, person in enumerate(people.invent(5, seed=seed)):
            Life(lines_, house, person, number, now=NOW, seed=seed).write(20)
        return lines_.lines

    assert lines(1) == lines(1) != lines(2)


@pytest.mark.usefixtures("loaded")
def test_database_with_customers_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["load-demo", "--customers", "5"])
    monkeypatch.setenv("DATABASE_URL", "postgresql://here")
    assert load_demo.main() == 1
    assert "--force" in capsys.readouterr().err
    assert Customer.objects.count() == 120


@pytest.mark.parametrize("options", [[], ["--force"]])
def test_installation_without_customers_yet_is_left_alone(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demonstration's people sign in with a password that everybody knows."""
    User.objects.create(email="jefa@example.com", name="Jefa", role=Role.ADMINISTRATOR)
    monkeypatch.setattr(sys, "argv", ["load-demo", "--customers", "5", *options])
    monkeypatch.setenv("DATABASE_URL", "postgresql://here")
    assert load_demo.main() == 1
    assert "installation" in capsys.readouterr().err
    assert User.objects.count() == 1


@pytest.mark.usefixtures("loaded")
def test_more_can_be_laid_on_top_by_force() -> None:
    load(30, 100)
    assert Customer.objects.count() == 150
