"""What somebody began to write, by customer and channel: kept until it is sent or thrown away."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.conversations.models import ReplyDraft
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.primitives.uniqueness import refused_as

CHANNEL_LENGTH = 8


def find(customer: Customer, *, channel: str, by: User) -> ReplyDraft | None:
    return ReplyDraft.objects.filter(customer=customer, channel=channel, author=by).first()


@transaction.atomic
def save(
    customer: Customer,
    *,
    channel: str,
    body: str,
    subject: str = "",
    files: Sequence[int] = (),
    version: int,
    by: User,
    at: datetime,
) -> int:
    """The new version; nothing is kept of an empty box that had no draft.

    Refused where another tab wrote words since ``version`` that would be lost.
    """
    kept = ReplyDraft.objects.select_for_update().filter(
        customer=customer, channel=channel, author=by
    )
    row = kept.first()
    said = (subject[:200], body, list(files))
    sentence = _("Este borrador cambió en otra pestaña. Recargue la página: verá los dos textos.")
    stale = Refusal("stale_draft", sentence, status=409)
    if row is None and not (subject.strip() or body.strip() or files):
        return version
    if row is None:
        row = ReplyDraft(customer=customer, channel=channel, author=by, version=version)
    elif (row.subject, row.body, row.files) == said:
        return row.version
    elif row.version != version and not _is_held(row, *said):
        raise stale
    row.subject, row.body, row.files = said
    row.version, row.updated_at = row.version + 1, at
    # Two tabs may begin at once: neither finds a row to hold.
    with refused_as(stale):
        row.save()
    return row.version


def _is_held(row: ReplyDraft, subject: str, body: str, files: list[int]) -> bool:
    """All that ``row`` has stands in what takes its place, as when a page was left and reloaded."""
    return (
        row.body.strip() in body and row.subject in ("", subject) and set(row.files).issubset(files)
    )


@transaction.atomic
def restore(
    customer: Customer,
    *,
    channel: str,
    body: str,
    subject: str,
    files: Sequence[int],
    by: User,
    at: datetime,
) -> None:
    """Put back what was taken back; what was written since then stays below it."""
    kept = ReplyDraft.objects.select_for_update().filter(
        customer=customer, channel=channel, author=by
    )
    row = kept.first() or ReplyDraft(customer=customer, channel=channel, author=by)
    row.body = "\n".join(filter(None, (body, row.body.strip())))
    row.subject = subject[:200] or row.subject
    row.files = [*files, *(each for each in row.files if each not in files)]
    row.version, row.updated_at = row.version + 1, at
    row.save()


def drop(customer: Customer, *, channel: str, by: User) -> None:
    ReplyDraft.objects.filter(customer=customer, channel=channel, author=by).delete()
