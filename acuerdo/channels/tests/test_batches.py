"""One event that makes no sense among others that do: every adapter tells them apart."""

import json
from typing import Any

import pytest

from acuerdo.channels.adapter import Delivery, Notice, Unread, Unreadable
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests.contract import adapter, subject

MAILJET = {"event": "sent", "email": "ana@example.com", "time": 1773154800, "MessageID": 19}
SAID = {"id": "a", "from": "51987654321", "body": "Hola", "text": "Hola"}
MANY: dict[str, tuple[str, Any]] = {
    "simulated": ("messages", [SAID, SAID | {"body": 5}, SAID | {"id": "b"}]),
    "sms_http": ("inbound", [SAID, SAID | {"id": []}, SAID | {"id": "b"}]),
    "hosted_mail": ("", [MAILJET, 5, MAILJET | {"event": "open"}]),
}


def read(name: str, listed: list[Any]) -> list[Notice]:
    place = MANY[name][0]
    body = json.dumps({place: listed} if place else listed).encode()
    return adapter(name).parse(line_of(name), Delivery(body, "application/json"))


def line_of(name: str) -> ChannelAccount:
    line = subject(name).line(9)
    if name == "hosted_mail":
        line.config["service"] = "mailjet"
    return line


@pytest.mark.parametrize("name", MANY)
def test_odd_one_spoils_none_beside_it(name: str) -> None:
    first, odd, last = read(name, MANY[name][1])
    assert isinstance(odd, Unread)
    assert odd.detail
    assert not any(isinstance(notice, Unread) for notice in (first, last))


@pytest.mark.parametrize("name", MANY)
def test_nothing_but_odd_ones_is_unreadable(name: str) -> None:
    odd = MANY[name][1][1]
    with pytest.raises(Unreadable):
        read(name, [odd, odd])


def test_endless_list_of_odd_ones_is_not_taken_apart() -> None:
    delivery = Delivery(json.dumps([5] * 3000).encode(), "application/json")
    with pytest.raises(Unreadable, match="'int'"):
        adapter("hosted_mail").parse(line_of("hosted_mail"), delivery)
