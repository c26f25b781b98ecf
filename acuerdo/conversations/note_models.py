"""Remarks of the team about a customer, and whom they name. Reached through ``models``."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from acuerdo.interactions.models import Handling, Interaction, NoteChannel
from acuerdo.organization.models import User


class Note(models.Model):
    """A remark for the team only. It is never changed: a new one ``corrects`` it.

    ``channel`` is where what it tells of happened, ``code`` the debt or payment it is about.
    ``words`` is what it says as it is searched: without accents, in small letters.
    """

    interaction = models.OneToOneField(
        Interaction, models.CASCADE, primary_key=True, related_name="note"
    )
    body = models.TextField()
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    channel = models.CharField(
        max_length=10, choices=NoteChannel, blank=True, db_default="", default=""
    )
    code = models.CharField(max_length=80, blank=True, db_default="", default="")
    handling = models.CharField(
        max_length=11, choices=Handling, blank=True, db_default="", default=""
    )
    words = models.TextField(blank=True, db_default="", default="")
    corrects = models.OneToOneField("self", models.CASCADE, null=True, related_name="correction")

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="note_words", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class Mention(models.Model):
    """Somebody of the team whom a note names, who may see its customer; ``seen_at`` once read."""

    id = models.BigAutoField(primary_key=True)
    note = models.ForeignKey(Note, models.CASCADE, related_name="mentions", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["note", "user"], name="one_mention_per_note"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-at", "-id"], name="mention_latest"),
            models.Index(fields=["user"], name="mention_unseen", condition=Q(seen_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.note_id}"
