from datetime import UTC, datetime

import pytest
from django.db import connection

from acuerdo.primitives import arrays

pytestmark = pytest.mark.django_db


def test_texts_come_back_as_they_were() -> None:
    texts = ["", "NULL", "a,b", '"', "\\", "{}", "línea\nnueva", "' --", None, "%s", "ñandú 😀"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [arrays.literal(texts)])
        assert cursor.fetchone() == (texts,)


def test_numbers_and_moments_come_back() -> None:
    at = datetime(2026, 3, 10, 15, 0, 0, 123456, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT %s::bigint[], %s::timestamptz[]",
            [arrays.literal([1, None, 2**40]), arrays.literal([at])],
        )
        assert cursor.fetchone() == ([1, None, 2**40], [at])


def test_nothing_is_an_empty_array() -> None:
    assert arrays.literal([]) == "{}"
