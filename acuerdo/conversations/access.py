"""The only door from a request to a message or a conversation."""

from django.db.models import QuerySet
from django.http import Http404

from acuerdo.conversations.models import Attachment, Conversation, Message
from acuerdo.conversations.stranger_models import UnknownSender
from acuerdo.customers import access as customer_access
from acuerdo.organization.access import scope
from acuerdo.organization.models import User
from acuerdo.organization.permissions import may


def conversations_for(user: User) -> QuerySet[Conversation]:
    """By the row's own copies, for the index, and by the customer: a copy may lag behind."""
    reach = scope(user)
    return Conversation.objects.filter(reach.condition(), reach.condition("customer__"))


def message(user: User, pk: int) -> Message:
    """Http404 when it does not exist or its customer is out of reach, without telling."""
    found = Message.objects.filter(pk=pk).filter(scope(user).condition("interaction__customer__"))
    row = found.select_related("interaction__customer", "account", "contact_point").first()
    if row is None:
        raise Http404
    return row


def attachment(user: User, pk: int) -> Attachment:
    """A file of a message or note within reach, of an unknown sender, or one's own upload."""
    row = Attachment.objects.filter(pk=pk).select_related("note__interaction").first()
    if row is None:
        raise Http404
    if row.message_id is not None:
        message(user, row.message_id)
    elif row.note is not None:
        customer_access.customer(user, row.note.interaction.customer_id)
    elif row.uploaded_by_id == user.pk and row.for_customer_id is not None:
        customer_access.customer(user, row.for_customer_id)
    elif not _is_of_a_stranger(user, pk):
        raise Http404
    return row


def _is_of_a_stranger(user: User, pk: int) -> bool:
    named = UnknownSender.objects.filter(linked_to=None, message__attachments__contains=[pk])
    return may(user, "unregistered.view") and named.exists()


def readable_sender(user: User, pk: int) -> UnknownSender:
    """To be read: once it was linked, only by whoever may reach the customer; else Http404."""
    row = unknown_sender(pk)
    if row.linked_to_id is not None:
        customer_access.customer(user, row.linked_to_id)
    return row


def unknown_sender(pk: int) -> UnknownSender:
    """To be settled: nobody's yet, so of no portfolio; Http404 when it does not exist."""
    row = UnknownSender.objects.filter(pk=pk).select_related("account", "linked_to").first()
    if row is None:
        raise Http404
    return row
