"""What was said, what is about to be said, and who still waits for an answer."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import ChannelAccount, ProviderTemplate
from acuerdo.conversations.bulk_models import BulkJob  # noqa: F401 - Django looks here
from acuerdo.conversations.count_models import SentCount  # noqa: F401 - Django looks here
from acuerdo.conversations.note_models import Note
from acuerdo.conversations.stranger_models import UnknownSender  # noqa: F401 - Django looks here
from acuerdo.conversations.view_models import SavedView  # noqa: F401 - Django looks here
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import Portfolio, User

# The words of what was written, without accents and in no language: names are words too.
WORDS = "acuerdo_words"
# A letter may be longer than what the database takes apart into words at once.
LONGEST_INDEXED = 20_000
# Messages stand in the index of words by thousands, so that the newest can be asked before the rest.
TOGETHER = 5_000
BATCH = ExpressionWrapper(F("interaction_id") / TOGETHER, models.BigIntegerField())


class Conversation(models.Model):
    """The narrow row of a customer in the inbox; written by ``conversations.inbox`` only.

    ``pending_since`` is set while the customer waits for an action of ours: bold on
    screen. Opening changes nothing; an answer, a registered result or a skip clears it.
    ``portfolio_id`` and ``adviser_id`` copy the customer's, for the indexes.
    """

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="conversation"
    )
    portfolio_id = models.BigIntegerField()
    adviser_id = models.BigIntegerField(null=True)
    pending_since = models.DateTimeField(null=True)
    unanswered = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    last_channel = models.CharField(max_length=10)
    last_direction = models.CharField(max_length=8)
    last_status = models.CharField(max_length=13, blank=True)
    last_interaction_id = models.BigIntegerField(null=True)
    preview = models.CharField(max_length=160, blank=True)
    last_inbound_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-last_at", "customer"], name="conversation_latest"),
            models.Index(
                fields=["-last_at", "customer"],
                name="conversation_pending",
                condition=Q(pending_since__isnull=False),
            ),
            models.Index(
                fields=["pending_since", "customer"],
                name="conversation_waiting",
                condition=Q(pending_since__isnull=False),
            ),
            models.Index(fields=["adviser_id", "-last_at", "customer"], name="conversation_mine"),
        ]

    def __str__(self) -> str:
        return self.preview


class MessageTemplate(models.Model):
    """A message with ``{{placeholders}}`` of our own; ``version`` rises with each change."""

    name = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=8)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    # What the provider approved, and which of our tags fills each of its variables.
    provider_template = models.ForeignKey(
        ProviderTemplate, models.PROTECT, null=True, blank=True, related_name="+"
    )
    variables = models.JSONField(default=dict, blank=True)
    # As it was written, and as it is sent: compiled when it is saved.
    html_source = models.TextField(blank=True, db_default="", default="")
    html = models.TextField(blank=True)
    # For whom it is written: no portfolio means all of them, no language any.
    portfolio = models.ForeignKey(
        Portfolio, models.PROTECT, null=True, blank=True, related_name="+"
    )
    language = models.CharField(max_length=2, blank=True, db_default="", default="")
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """The text of an interaction. Address and text are frozen when it is queued.

    ``idempotency_key`` is the form's or planner's own: the same key never makes two.
    ``provider_id`` is what the provider calls it, unique per account.
    """

    interaction = models.OneToOneField(
        Interaction, models.CASCADE, primary_key=True, related_name="message"
    )
    account = models.ForeignKey(ChannelAccount, models.PROTECT, related_name="+", db_index=False)
    contact_point = models.ForeignKey(
        ContactPoint, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    # The other parts are for few messages, and the planner writes by the million.
    html = models.TextField(blank=True, db_default="")
    kind = models.CharField(max_length=12, db_default="text", default="text")
    content = models.JSONField(null=True)
    quotes = models.CharField(max_length=200, blank=True, db_default="")
    is_automatic = models.BooleanField(db_default=False, default=False)
    template_call = models.JSONField(null=True)
    template_version = models.PositiveIntegerField(null=True)
    # An SMS is paid by the part; unknown for what was queued before parts were counted.
    segments = models.PositiveSmallIntegerField(null=True)
    idempotency_key = models.CharField(max_length=80, null=True, unique=True)
    provider_id = models.CharField(max_length=200, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "provider_id"],
                condition=Q(provider_id__isnull=False),
                name="one_message_per_provider_id",
            ),
        ]
        indexes: ClassVar = [
            # Templates say the same to everybody, and the planner writes them by the million.
            GinIndex(
                BATCH,
                SearchVector(Left("body", LONGEST_INDEXED), config=WORDS),
                name="message_words",
                condition=Q(template_version=None),
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class Attachment(models.Model):
    """A file of a message or of a note, kept under a random name. ``media_id`` is the provider's.

    ``state`` is ``stored``, ``waiting`` (to be fetched) or ``failed`` with a ``reason``.
    What ``uploaded_by`` uploaded is for the conversation of one customer and goes to no other.
    """

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="attachments")
    note = models.ForeignKey(Note, models.CASCADE, null=True, related_name="attachments")
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    for_customer_id = models.BigIntegerField(null=True)
    filename = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    file = models.FileField(upload_to="attachments/", null=True, blank=True)
    media_id = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, default="stored")
    reason = models.CharField(max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    is_inline = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="attachment_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.filename


class Outgoing(models.Model):
    """A message that waits to leave: the queue, with one row until it is settled.

    It may leave from ``due_at`` and not after ``not_after``. ``lease_until`` is set by
    the database's clock while a worker holds it; ``held_reason`` says why it waits.
    """

    message = models.OneToOneField(
        Message, models.CASCADE, primary_key=True, related_name="outgoing"
    )
    account_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    due_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    held_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["account_id", "due_at", "message"],
                name="outgoing_due",
                condition=Q(lease_until=None, held_reason=""),
            ),
            models.Index(
                fields=["lease_until"],
                name="outgoing_leased",
                condition=Q(lease_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"due {self.due_at}"


class Outcome(models.TextChoices):
    ACCEPTED = "accepted", _("Aceptado")
    REFUSED = "refused", _("Rechazado")
    NOT_TAKEN = "not_taken", _("No entregado al proveedor")
    UNCERTAIN = "uncertain", _("Sin respuesta")


class Attempt(models.Model):
    """One hand-over to a provider, written and committed before a byte leaves."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, models.CASCADE, related_name="attempts")
    token = models.CharField(max_length=60, unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)
    code = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.token} {self.outcome}"


class Charge(models.Model):
    """What the provider says it charges a message as: the last that it told counts."""

    message = models.OneToOneField(Message, models.CASCADE, primary_key=True, related_name="charge")
    category = models.CharField(max_length=30, blank=True)
    is_billable = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.message_id} {self.category}"


class UncertainSend(models.Model):
    """A hand-over that nobody can vouch for, and how it was settled.

    ``decision`` is ``evidence``, ``count_as_sent`` or ``send_again``; then ``successor`` is
    the new communication. The message itself stays uncertain then: it may have arrived.
    """

    message = models.OneToOneField(
        Message, models.CASCADE, primary_key=True, related_name="uncertain_send"
    )
    since = models.DateTimeField()
    looked_up_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=13, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    successor = models.OneToOneField(
        Message, models.SET_NULL, null=True, related_name="repeated_send"
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["-since", "message"],
                name="uncertain_waiting",
                condition=Q(resolved_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.decision}"


class Setback(models.Model):
    """A message that did not arrive, as the desk and the health page list it.

    ``status`` (``failed`` or ``not_sent``) and ``code`` copy the register's. What was proved
    to have arrived later keeps its row: the register says so, and the lists leave it out.
    """

    message = models.OneToOneField(
        Message, models.CASCADE, primary_key=True, related_name="setback"
    )
    account_id = models.BigIntegerField()
    status = models.CharField(max_length=8)
    code = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["status", "-at", "-message"], name="setback_latest"),
            models.Index(fields=["account_id", "-at"], name="setback_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.code}"


class ReplyDraft(models.Model):
    """What somebody began to write to a customer by one channel (or ``note``); see ``drafts``."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    author = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=8)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    files = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "channel", "author"], name="one_draft_per_channel"
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class Presence(models.Model):
    """A tab that has a conversation open; see ``presence``. The table is unlogged."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    tab = models.CharField(max_length=32)
    seen_at = models.DateTimeField()
    typed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "user", "tab"], name="one_presence"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.customer_id}"
