from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest

from acuerdo.primitives import clock

MIDNIGHT_UTC = datetime(2026, 6, 11, 0, 30, tzinfo=UTC)


def test_the_day_depends_on_the_zone() -> None:
    assert clock.date_in("America/Lima", MIDNIGHT_UTC) == date(2026, 6, 10)
    assert clock.date_in("Europe/Madrid", MIDNIGHT_UTC) == date(2026, 6, 11)


def test_time_stands_still_while_travelling() -> None:
    with clock.travel(MIDNIGHT_UTC):
        assert clock.now() == MIDNIGHT_UTC
        assert clock.today("America/Lima") == date(2026, 6, 10)
    assert clock.now() != MIDNIGHT_UTC


def test_another_thread_does_not_travel_along() -> None:
    seen: list[datetime] = []
    with clock.travel(MIDNIGHT_UTC):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] != MIDNIGHT_UTC


def test_an_offset_shifts_the_whole_process() -> None:
    clock.set_offset(timedelta(days=3))
    try:
        assert clock.now() - datetime.now(UTC) > timedelta(days=2, hours=23)
    finally:
        clock.set_offset(timedelta(0))


def test_travel_needs_a_zone() -> None:
    naive = MIDNIGHT_UTC.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"), clock.travel(naive):
        pass
