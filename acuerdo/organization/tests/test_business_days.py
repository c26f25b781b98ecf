from datetime import date

import pytest

from acuerdo.organization import business_days
from acuerdo.organization.models import Holiday

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "count", "country", "end"),
    [
        (date(2026, 6, 10), 0, "PE", date(2026, 6, 10)),
        (date(2026, 6, 10), 1, "PE", date(2026, 6, 11)),
        (date(2026, 6, 12), 1, "PE", date(2026, 6, 15)),
        # 28 and 29 July are the national days of Peru, not of Chile.
        (date(2026, 7, 27), 1, "PE", date(2026, 7, 30)),
        (date(2026, 7, 27), 1, "CL", date(2026, 7, 28)),
        # New Year's Day, over the end of the calendar's year.
        (date(2026, 12, 31), 1, "MX", date(2027, 1, 4)),
        (date(2026, 6, 12), 2, "XX", date(2026, 6, 16)),
    ],
)
def test_weekends_and_holidays_do_not_count(
    start: date, count: int, country: str, end: date
) -> None:
    assert business_days.add(start, count, country=country) == end


def test_our_own_closed_days_do_not_count_in_their_country() -> None:
    Holiday.objects.create(country="PE", on=date(2026, 6, 11), name="Aniversario")
    assert business_days.add(date(2026, 6, 10), 1, country="PE") == date(2026, 6, 12)
    assert business_days.add(date(2026, 6, 10), 1, country="CL") == date(2026, 6, 11)
