"""Strategies for tests, made through the operations."""

from datetime import UTC, datetime, time
from itertools import count
from typing import Any

from acuerdo.channels import accounts
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import SECRET
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.flows import strategies
from acuerdo.flows.models import Flow, Step

NOW = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)
_numbers = count(1)


def flow(**changes: Any) -> Flow:
    what = {"name": f"Flujo {next(_numbers)}", **changes}
    return strategies.save(by=None, at=NOW, **what)


def template(channel: str, body: str = "Hola, {{nombre}}.") -> MessageTemplate:
    name = f"Plantilla {next(_numbers)}"
    return message_templates.save(name=name, channel=channel, body=body, by=None, at=NOW)


def step(owner: Flow, offset_days: int, channel: str = "sms", **changes: Any) -> Step:
    """A step at ten in the morning, unless told otherwise."""
    number = next(_numbers)
    what = {"key": f"paso-{number}", "name": f"Paso {number}", "hour": time(10), **changes}
    what["template"] = what.get("template") or template(channel)
    return strategies.save_step(
        owner, offset_days=offset_days, channel=channel, by=None, at=NOW, **what
    )


def account(channel: str = "sms", url: str = "") -> ChannelAccount:
    return accounts.create(
        name=channel,
        channel=channel,
        adapter="simulated",
        config={"url": url} if url else {},
        secret_values={"secret": SECRET},
        at=NOW,
    )
