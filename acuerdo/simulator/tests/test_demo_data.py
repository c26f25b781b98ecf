import re

import pytest

from acuerdo.conversations.count_models import SentCount
from acuerdo.conversations.models import Message
from acuerdo.customers.tests.factories import NOW
from acuerdo.primitives import clock
from acuerdo.simulator import demo_data

NOTHING = re.compile(r"(\$|S/)\W*0(?![.,]?[1-9])([.,]00)?(?!\d)")


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
