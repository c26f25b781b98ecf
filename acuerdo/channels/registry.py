"""Finds the adapter of an account; ``settings.CHANNEL_ADAPTERS`` is the whole list."""

from functools import cache
from importlib import import_module
from typing import cast

from django.conf import settings
from django.utils.translation import gettext as _

from acuerdo.channels.adapter import Adapter
from acuerdo.channels.models import ChannelAccount
from acuerdo.primitives.refusals import Refusal


def adapter(account: ChannelAccount) -> Adapter:
    return named(account.adapter)


@cache
def named(name: str) -> Adapter:
    path = settings.CHANNEL_ADAPTERS.get(name)
    if path is None:
        raise Refusal("no_adapter", _("No hay un conector «%(name)s».") % {"name": name})
    return cast(Adapter, import_module(path).ADAPTER)
