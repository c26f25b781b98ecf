"""What an adapter's folder tells the shared contract test about itself.

Each ``acuerdo/channels/<name>/tests/contract.py`` holds one ``SUBJECT``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

import pytest
from django.conf import settings

from acuerdo.channels import registry
from acuerdo.channels.adapter import Adapter, Delivery, Parcel
from acuerdo.channels.models import ChannelAccount

# Said by no provider and in no text: wherever it shows up, a secret got out.
SECRET = "s3cr3t-canary-9d41"
IMPATIENCE = 0.4


@dataclass(frozen=True)
class Subject:
    """``line`` is an account that speaks to the fake at the port; ``accepted`` is its yes.

    ``deliver`` signs a body for an account, as its provider would, and is None where the
    provider posts nothing. ``genuine`` holds bodies that the provider could really post.
    """

    line: Callable[[int], ChannelAccount]
    parcel: Parcel
    hasten: Callable[[pytest.MonkeyPatch], None]
    accepted: tuple[int, Any] = (200, {})
    speaks: Literal["http", "smtp"] = "http"
    deliver: Callable[[ChannelAccount, bytes], Delivery] | None = None
    genuine: Mapping[str, bytes] = field(default_factory=dict)
    content_type: str = "application/json"
    # A provider may sign its own words only, or only say who it is.
    covers_body: bool = True


def names() -> list[str]:
    return sorted(settings.CHANNEL_ADAPTERS)


def subject(name: str) -> Subject:
    package = settings.CHANNEL_ADAPTERS[name].rpartition(".")[0]
    found: Subject = import_module(f"{package}.tests.contract").SUBJECT
    return found


def adapter(name: str) -> Adapter:
    return registry.named(name)


def speaking(kind: str) -> list[str]:
    return [name for name in names() if subject(name).speaks == kind]


def posting() -> list[str]:
    return [name for name in names() if subject(name).deliver is not None]
