"""The only door from a request to a message or a conversation."""

from django.db.models import QuerySet
from django.http import Http404

from acuerdo.conversations.models import Conversation, Message, UnknownSender
from acuerdo.organization import settings
from acuerdo.organization.access import scope
from acuerdo.organization.models import User


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


def unknown_sender(pk: int) -> UnknownSender:
    """Nobody's yet, so of no portfolio; Http404 when the inbox for them is off."""
    row = UnknownSender.objects.filter(pk=pk).select_related("account").first()
    if row is None or not settings.current().unregistered_inbox:
        raise Http404
    return row
