"""Outside the service window: the approved templates to choose from, and one being filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from acuerdo.channels import provider_templates
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.composer import replying
from acuerdo.conversations.models import Message, MessageTemplate
from acuerdo.conversations.templating import addressees, approved_texts, message_templates
from acuerdo.customers.models import Customer

MOST = 50
LONGEST = 300
# A field of the form is named by its tag behind this.
FIELD = "dato."


@dataclass(frozen=True, slots=True)
class Field:
    """A variable of the template, with the customer's own value until somebody changes it."""

    tag: str
    label: str
    value: str

    @property
    def name(self) -> str:
        return f"{FIELD}{self.tag}"


@dataclass(frozen=True, slots=True)
class Filled:
    """A chosen template as the customer would read it; ``missing`` are the labels without value."""

    template: MessageTemplate
    fields: list[Field]
    text: str
    missing: list[str]


def choices(account: ChannelAccount, customer: Customer) -> list[MessageTemplate]:
    """Ours for this customer that stand on a template which the provider approves now."""
    found = MessageTemplate.objects.filter(
        addressees.fitting(customer),
        channel=account.channel,
        is_active=True,
        provider_template__account=account,
        provider_template__status=provider_templates.APPROVED,
    )
    return list(found.select_related("provider_template").order_by("name")[:MOST])


def read(
    templates: Sequence[MessageTemplate], customer: Customer, *, at: datetime
) -> list[tuple[MessageTemplate, str]]:
    """Each as the customer would read it, with dots where a value is still to be typed."""
    values = message_templates.values_of(customer, at=at) if templates else {}
    known = dict.fromkeys(replying.tags(), "…") | {
        key: told for key, told in values.items() if told
    }
    return [(each, message_templates.fill(each, known).body) for each in templates]


def typed(data: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the variables. A provider takes no line breaks in them."""
    return {
        name.removeprefix(FIELD): " ".join(str(data[name]).split())[:LONGEST]
        for name in data
        if name.startswith(FIELD)
    }


def before(template: MessageTemplate, message: Message | None) -> dict[str, str]:
    """What a message that is being changed was filled in with, if it was this template."""
    wording = template.provider_template
    call = message.template_call if message else None
    if wording is None or call is None or call["name"] != wording.name:
        return {}
    return approved_texts.told(wording, template.variables, call)


def filled(
    template: MessageTemplate, customer: Customer, values: Mapping[str, str], *, at: datetime
) -> Filled:
    provider_template = template.provider_template
    assert provider_template is not None  # noqa: S101 - only such templates are offered
    tags = dict.fromkeys(approved_texts.tags(provider_template, template.variables))
    known = message_templates.values_of(customer, at=at) | dict(values)
    words = message_templates.render(template, customer, at=at, values=values)
    labels = replying.tags()
    fields = [Field(tag, labels.get(tag, tag), known.get(tag, "")) for tag in tags]
    missing = [field.label for field in fields if not field.value]
    return Filled(template, fields, words.body, missing)
