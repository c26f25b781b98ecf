"""Files that come in and go out, with where each stands."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from acuerdo.organization.models import User


class ImportStatus(models.TextChoices):
    PENDING = "pending", _("En espera")
    CHECKING = "checking", _("Revisando")
    CHECKED = "checked", _("Revisada")
    UNREADABLE = "unreadable", _("Ilegible")
    DROPPED = "dropped", _("Descartada")
    APPLYING = "applying", _("Guardando")
    DONE = "done", _("Terminada")
    FAILED = "failed", _("Interrumpida")


IMPORT_MOVES = {
    "pending": ("checking",),
    "checking": ("checked", "unreadable"),
    "checked": ("applying", "dropped", "checking"),
    "applying": ("done", "failed"),
    "failed": ("applying",),
}


class Mapping(models.Model):
    """How the columns of somebody's own file become ours; saved to be used again."""

    sheet = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    spec = models.JSONField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sheet", "name"], name="one_mapping_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRun(models.Model):
    """One file on its way in.

    ``applied_rows`` is the cursor from which a run resumes: the file's last row written.
    ``repeated`` rows said the same as another one, ``skipped`` ones were left out by the
    mapping; both were asked for. ``reject_reasons`` counts the faults by reason.
    """

    sheet = models.CharField(max_length=60)
    filename = models.CharField(max_length=255)
    file = models.FileField(upload_to="imports/")
    sha256 = models.CharField(max_length=64)
    mapping = models.JSONField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.PENDING)
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    applied_rows = models.PositiveIntegerField(default=0)
    rejects = models.FileField(upload_to="imports/", null=True, blank=True)
    sample_rejects = models.JSONField(default=list)
    reject_reasons = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=ImportStatus.values), name="import_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.filename}"


class ExportStatus(models.TextChoices):
    PENDING = "pending", _("En espera")
    BUILDING = "building", _("Preparando")
    DONE = "done", _("Lista")
    FAILED = "failed", _("Fallida")


EXPORT_MOVES = {"pending": ("building",), "building": ("done", "failed"), "failed": ("building",)}


class ExportRun(models.Model):
    """One file on its way out, readable by who asked until it expires."""

    sheet = models.CharField(max_length=60)
    format = models.CharField(max_length=4, choices=[("xlsx", "xlsx"), ("csv", "csv")])
    parameters = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=ExportStatus, default=ExportStatus.PENDING)
    rows = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to="exports/", null=True, blank=True)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status__in=ExportStatus.values), name="export_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}.{self.format}"
