"""What people keep of a list: their saved views and what they used last."""

from typing import ClassVar
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q

from acuerdo.organization.models import User

INBOX = "inbox"


class SavedView(models.Model):
    """A filter with a name. Without one it is what ``owner`` used last in the tray.

    ``filters`` is what ``as_params`` of the tray's filter gave, and is parsed again when it is used.
    A shared one is everybody's to use, its owner's to change.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views", db_index=False)
    tray = models.CharField(max_length=10, default=INBOX)
    name = models.CharField(max_length=40, blank=True)
    icon = models.CharField(max_length=30, blank=True)
    is_shared = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    filters = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "tray", "name"], name="one_view_per_name"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tray"], name="saved_view_shared", condition=Q(is_shared=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def query(self) -> str:
        return urlencode(self.filters)
