"""The only door from a request to a file that came in or goes out."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from acuerdo.organization.models import Role, User
from acuerdo.spreadsheets.models import ExportRun, ImportRun, Mapping

# These roles answer for everybody's imports; the rest see what they brought themselves.
OVERSEERS = (Role.ADMINISTRATOR, Role.AUDITOR)


def imports_for(user: User) -> QuerySet[ImportRun]:
    rows = ImportRun.objects.select_related("requested_by")
    return rows if user.role in OVERSEERS else rows.filter(requested_by=user)


def import_run(user: User, pk: int) -> ImportRun:
    return get_object_or_404(imports_for(user), pk=pk)


def exports_for(user: User) -> QuerySet[ExportRun]:
    """A download holds what its requester may see, so nobody else opens it."""
    return ExportRun.objects.filter(requested_by=user)


def export_run(user: User, pk: int) -> ExportRun:
    return get_object_or_404(exports_for(user), pk=pk)


def mapping(sheet: str, pk: int) -> Mapping:
    return get_object_or_404(Mapping, sheet=sheet, pk=pk)
