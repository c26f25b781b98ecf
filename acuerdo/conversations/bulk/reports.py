"""What became of a job: how many, why not the others, and who those are."""

from collections.abc import Mapping

from django.http import QueryDict

from acuerdo.conversations.bulk import wording
from acuerdo.conversations.bulk_models import BulkItem, BulkJob, BulkOutcome
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.ui import pagination
from acuerdo.ui.pagination import Page

LEFT = (BulkOutcome.SKIPPED, BulkOutcome.KEPT)


def reasons(told: Mapping[str, int]) -> list[tuple[str, int]]:
    """Each reason in words with how many, the commonest first."""
    found = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(wording.reason(code), number) for code, number in found]


def left(job: BulkJob, user: User, params: QueryDict) -> Page[BulkItem]:
    """Those on whom nothing was done or undone, as far as ``user`` still reaches them."""
    rows = job.items.filter(scope(user).condition("customer__"), outcome__in=LEFT)
    rows = rows.select_related("customer")
    return pagination.paginate(rows, params, by="customer_id", descending=False)


def why(item: BulkItem) -> str:
    return wording.reason(item.reason)
