"""The fields beside a note: what there is to choose from, and what the box for writing shows."""

from dataclasses import dataclass

from django.db.models import TextChoices

from acuerdo.conversations.note_models import Note
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Handling, NoteChannel
from acuerdo.ledger.models import Debt

MOST_CODES = 50


@dataclass(frozen=True, slots=True)
class Told:
    """What the fields tell; see ``Note``. Each may be left empty."""

    channel: str = ""
    code: str = ""
    handling: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """``codes`` are offered; another may be typed. ``corrects`` is the note that is put right."""

    channels: list[tuple[str, str]]
    handlings: list[tuple[str, str]]
    codes: list[str]
    corrects: Note | None = None


def choices(customer: Customer, *, corrects: Note | None = None) -> Choices:
    codes = Debt.objects.filter(customer=customer).order_by("-due_on", "-pk")
    return Choices(
        channels=_pairs(NoteChannel),
        handlings=_pairs(Handling),
        codes=list(codes.values_list("code", flat=True)[:MOST_CODES]),
        corrects=corrects,
    )


def _pairs(choices: type[TextChoices]) -> list[tuple[str, str]]:
    return [(value, str(label)) for value, label in choices.choices]
