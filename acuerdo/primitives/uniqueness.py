"""Two callers may each find a name free; the database lets one of them have it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from acuerdo.primitives.refusals import Refusal


@contextmanager
def refused_as(refusal: Refusal) -> Iterator[None]:
    """Raise ``refusal`` when the block breaks a unique constraint; the transaction lives on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if isinstance(error.__cause__, UniqueViolation):
            raise refusal from None
        raise
