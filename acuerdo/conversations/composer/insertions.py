"""What may be put into the box for writing: tags and templates, as this customer would read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from acuerdo.conversations import attachments
from acuerdo.conversations.composer import replying
from acuerdo.conversations.models import Attachment, MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.customers.models import Customer
from acuerdo.ledger import account_statement
from acuerdo.organization.models import User


@dataclass(frozen=True, slots=True)
class Tag:
    """A placeholder with what it would say; an empty ``value`` stops the message."""

    name: str
    label: str
    value: str

    @property
    def is_link(self) -> bool:
        """Glued to a word, it leads nowhere."""
        return self.name in message_templates.LINKS

    @property
    def written(self) -> str:
        return f"{{{{{self.name}}}}}"


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as the customer would read it. ``missing`` and ``unknown`` say what stops it."""

    subject: str
    text: str
    missing: Sequence[str]
    unknown: Sequence[str]

    @property
    def stops(self) -> bool:
        return bool(self.missing or self.unknown)


@dataclass(frozen=True, slots=True)
class Choice:
    """A template to insert, and how it would read."""

    template: MessageTemplate
    preview: Preview


def tags(customer: Customer, *, at: datetime) -> list[Tag]:
    values = message_templates.values_of(customer, at=at)
    return [Tag(name, label, values.get(name, "")) for name, label in replying.tags().items()]


def preview(customer: Customer, *, subject: str, body: str, at: datetime) -> Preview:
    """What is being typed; nothing is refused here."""
    draft = MessageTemplate(subject=subject, body=body)
    return _read(message_templates.render(draft, customer, at=at), draft)


def templates(customer: Customer, *, channel: str, search: str, at: datetime) -> list[Choice]:
    """Those of ``channel`` that are written for this customer's portfolio and language."""
    found = message_templates.insertable(channel=channel, search=search, customer=customer)
    values = message_templates.values_of(customer, at=at) if found else {}
    return [Choice(each, _read(message_templates.fill(each, values), each)) for each in found]


def statement(customer: Customer, *, channel: str, by: User, at: datetime) -> Attachment:
    """Today's statement of account, kept as a file that ``by`` may send."""
    content = account_statement.pdf(customer, at=at)
    name = account_statement.filename(customer, at=at)
    file = SimpleUploadedFile(name, content, "application/pdf")
    return attachments.upload(file, customer=customer, channel=channel, by=by, at=at)


def _read(words: message_templates.Rendered, draft: MessageTemplate) -> Preview:
    unknown = [*message_templates.check(draft.body), *message_templates.check(draft.subject)]
    return Preview(
        subject=words.subject,
        text=words.body,
        missing=[replying.label(name) for name in words.missing if name],
        unknown=list(dict.fromkeys(unknown)),
    )
