import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from acuerdo.conversations.count_models import SentCount
from acuerdo.conversations.models import Message
from acuerdo.customers.tests.factories import NOW
from acuerdo.primitives import clock
from acuerdo.simulator import demo_data

NOTHING = re.compile(r"(\$|S/)\W*0(?![.,]?[1-9])([.,]00)?(?!\d)")

COUNTED = re.compile(r"Han pasado (\d+) días desde el vencimiento del (\d\d/\d\d/\d{4})")


@pytest.mark.django_db
def test_no_letter_of_the_past_asks_for_nothing() -> None:
    with clock.travel(NOW):
        assert demo_data.load(count=60, at=NOW) == 60
    bodies = list(Message.objects.values_list("body", flat=True))
    assert len(bodies) > 60
    assert [body for body in bodies if NOTHING.search(body)] == []


@pytest.mark.django_db
def test_the_messages_of_the_past_are_counted() -> None:
    with clock.travel(NOW):
        demo_data.load(count=6, at=NOW)
    assert SentCount.objects.filter(messages__gt=0).exists()


@pytest.mark.django_db
def test_the_past_agrees_with_itself() -> None:
    with clock.travel(NOW):
        demo_data.load(count=60, at=NOW)
    sent = Message.objects.filter(interaction__origin="flow").select_related(
        "interaction__customer"
    )
    counted = 0
    for message in sent:
        row, said = message.interaction, COUNTED.search(message.body)
        assert "WhatsApp" not in row.reason_text or row.channel == "whatsapp"
        if said:
            counted += 1
            due_on = date(*map(int, reversed(said[2].split("/"))))
            there = row.at.astimezone(ZoneInfo(row.customer.time_zone)).date()
            assert int(said[1]) == (there - due_on).days
    assert counted
