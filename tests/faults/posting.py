"""Notices of the simulated wire, posted to the real address within the test."""

from typing import Any

from django.test import Client

from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.factories import SECRET
from acuerdo.simulator import wires


def notice(line: ChannelAccount, content: dict[str, Any], *, secret: str = SECRET) -> int:
    """Sign and post; the status of the answer."""
    signed = wires.signed_simulated(content, secret)
    return raw(line, signed.body, signed.headers)


def raw(line: ChannelAccount, body: bytes, headers: dict[str, str], *, query: str = "") -> int:
    rest = {name: value for name, value in headers.items() if name != "Content-Type"}
    kind = headers.get("Content-Type", "application/json")
    path = f"/webhooks/{line.key}/" + (f"?{query}" if query else "")
    answer = Client().post(path, body, content_type=kind, headers=rest)
    return answer.status_code


def status(line: ChannelAccount, sent: dict[str, Any], told: str, **more: Any) -> int:
    """News of what the fake provider logged as ``sent``."""
    news = {"id": sent["id"], "token": sent["token"], "status": told, **more}
    return notice(line, {"statuses": [news]})
