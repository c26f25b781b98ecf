"""Two who count one day at once: each message stands in the counts once."""

import pytest

from acuerdo.channels.tests.factories import account
from acuerdo.conversations.count_models import SentCount
from acuerdo.conversations.sending import counting
from acuerdo.conversations.tests.factories import NOW
from acuerdo.conversations.tests.test_costs import sent
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_day_counted_twice_at_once_is_counted_once() -> None:
    line = account()
    for _each in range(3):
        sent(line)
    for _round in range(5):
        race(*[lambda: counting.recount(NOW.date(), at=NOW)] * 3)
        assert list(SentCount.objects.values_list("messages", flat=True)) == [3]
