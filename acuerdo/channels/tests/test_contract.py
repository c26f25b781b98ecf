"""The one contract of all adapters: what a fault proves, who is believed, what gets out."""

import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acuerdo.channels import secrets
from acuerdo.channels.adapter import Delivery, Notice, Outcome, Result, StatusChange, Unreadable
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.tests import contract
from acuerdo.channels.tests.conftest import MailServer
from acuerdo.channels.tests.contract import SECRET, adapter, subject
from acuerdo.channels.tests.fake_http import Asked, HttpProvider

EVERY = pytest.mark.parametrize("name", contract.names())
BY_HTTP = pytest.mark.parametrize("name", contract.speaking("http"))
BY_SMTP = pytest.mark.parametrize("name", contract.speaking("smtp"))
POSTING = pytest.mark.parametrize("name", contract.posting())
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml")

# Many examples, one fixture: nothing of it changes from one to the next.
FUZZ = settings(max_examples=60, suppress_health_check=list(HealthCheck))


def send(name: str, port: int) -> Result:
    return adapter(name).send(subject(name).line(port), subject(name).parcel)


def accept(name: str, provider: HttpProvider) -> None:
    status, content = subject(name).accepted
    provider.say(status, content)


@EVERY
def test_closed_port_took_nothing(name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert send(name, taken.getsockname()[1]).outcome == Outcome.NOT_TAKEN


@EVERY
def test_account_without_any_setting_sends_nothing(name: str) -> None:
    result = adapter(name).send(ChannelAccount(), subject(name).parcel)
    assert result.outcome in {Outcome.NOT_TAKEN, Outcome.REFUSED}
    assert result.code


@EVERY
def test_secrets_of_another_installation_send_nothing(name: str) -> None:
    line = subject(name).line(9)
    line.secrets = "sealed-with-another-key"
    assert adapter(name).send(line, subject(name).parcel).outcome == Outcome.NOT_TAKEN


@BY_HTTP
def test_message_is_handed_over_once_and_named(name: str, http_provider: HttpProvider) -> None:
    accept(name, http_provider)
    result = send(name, http_provider.port)
    assert result.outcome == Outcome.ACCEPTED, result
    assert result.provider_id
    assert len(http_provider.asked) == 1


@BY_HTTP
def test_silence_is_uncertain_and_is_not_asked_again(
    name: str, http_provider: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject(name).hasten(monkeypatch)
    http_provider.is_silent = True
    assert send(name, http_provider.port).outcome == Outcome.UNCERTAIN
    assert len(http_provider.asked) == 1


@BY_HTTP
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_fault_of_theirs_is_uncertain_and_is_not_asked_again(
    name: str, status: int, http_provider: HttpProvider
) -> None:
    """It may have come after the message was taken."""
    http_provider.say(status, subject(name).accepted[1])
    assert send(name, http_provider.port).outcome == Outcome.UNCERTAIN
    assert len(http_provider.asked) == 1


@BY_HTTP
@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b"", b"[]", b'{"id": ', b"null"])
def test_yes_that_names_nothing_is_uncertain(
    name: str, body: bytes, http_provider: HttpProvider
) -> None:
    http_provider.say(200, body)
    assert send(name, http_provider.port).outcome == Outcome.UNCERTAIN


@BY_HTTP
def test_answer_that_breaks_off_is_uncertain(name: str, http_provider: HttpProvider) -> None:
    accept(name, http_provider)
    http_provider.cuts_after = 5
    assert send(name, http_provider.port).outcome == Outcome.UNCERTAIN
    assert len(http_provider.asked) == 1


@BY_HTTP
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(name: str, status: int, http_provider: HttpProvider) -> None:
    def answer(asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        del asked
        return status, b"{}", {"Location": f"{http_provider.url}/elsewhere"}

    http_provider.by_path = answer
    assert send(name, http_provider.port).outcome in {Outcome.UNCERTAIN, Outcome.REFUSED}
    assert len(http_provider.asked) == 1


@BY_HTTP
def test_too_many_is_not_taken_and_comes_back_when_told(
    name: str, http_provider: HttpProvider
) -> None:
    http_provider.say(429, {}, Retry_After="9")
    result = send(name, http_provider.port)
    assert result.outcome == Outcome.NOT_TAKEN
    assert result.retry_after == 9
    assert len(http_provider.asked) == 1


@BY_HTTP
@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
def test_secrets_get_neither_into_results_nor_into_logs(
    name: str, status: int, http_provider: HttpProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """Some providers repeat the whole request in what they complain about."""

    def echo(asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        said = f"{asked.path} {asked.headers} {asked.body!r} {SECRET}"
        fault = {"message": said, "error": {"message": said, "code": 9}, "detail": said}
        return status, json.dumps(fault).encode(), {}

    caplog.set_level(logging.DEBUG)
    http_provider.by_path = echo
    result = send(name, http_provider.port)
    assert SECRET not in repr(result)
    assert SECRET not in caplog.text


@BY_SMTP
def test_mail_that_nobody_confirms_is_uncertain(name: str, mail_server: MailServer) -> None:
    mail_server.postman.data = None
    assert send(name, mail_server.port).outcome == Outcome.UNCERTAIN
    assert len(mail_server.postman.mails) == 1


@pytest.mark.parametrize("name", sorted(set(contract.names()) - set(contract.posting())))
def test_provider_that_posts_nothing_is_never_believed(name: str) -> None:
    delivery = Delivery(b"{}", "application/json", {"Authorization": "x"})
    assert not adapter(name).verify(subject(name).line(9), delivery)
    with pytest.raises(Unreadable):
        adapter(name).parse(subject(name).line(9), delivery)


def genuine() -> list[Any]:
    return [
        pytest.param(name, body, id=f"{name}-{title}")
        for name in contract.posting()
        for title, body in sorted(subject(name).genuine.items())
    ]


def deliver(name: str, body: bytes, line: ChannelAccount | None = None) -> Delivery:
    wrap = subject(name).deliver
    assert wrap is not None
    return wrap(line or subject(name).line(9), body)


@pytest.mark.parametrize(("name", "body"), genuine())
def test_what_the_provider_signed_is_believed_and_read(name: str, body: bytes) -> None:
    line, delivery = subject(name).line(9), deliver(name, body)
    assert adapter(name).verify(line, delivery)
    notices = adapter(name).parse(line, replace(delivery, headers={}))
    assert notices
    for notice in notices:
        assert_storable(notice)


@pytest.mark.parametrize(("name", "body"), genuine())
def test_nothing_else_is_believed(name: str, body: bytes) -> None:
    line, delivery = subject(name).line(9), deliver(name, body)
    verify = adapter(name).verify
    other = subject(name).line(9)
    other.secrets = secrets.seal(
        {key: f"{value}-other" for key, value in secrets.unseal(line.secrets).items()}
    )
    assert not verify(other, delivery)
    assert not verify(line, deliver(name, body, other))
    other.secrets = ""
    assert not verify(other, delivery)
    assert not verify(other, deliver(name, body, other))
    assert not verify(line, replace(delivery, headers={}))
    if subject(name).covers_body:
        assert not verify(line, replace(delivery, body=body + b" "))


@pytest.mark.parametrize(("name", "body"), genuine())
@pytest.mark.parametrize("spoil", [lambda text: text[:-3], lambda _text: "", lambda _text: "ñ\x00"])
def test_cut_or_empty_signature_is_not_believed(name: str, body: bytes, spoil: Any) -> None:
    line, delivery = subject(name).line(9), deliver(name, body)
    headers = {header: spoil(value) for header, value in delivery.headers.items()}
    assert not adapter(name).verify(line, replace(delivery, headers=headers))


@POSTING
def test_account_with_secrets_of_another_installation_believes_nobody(name: str) -> None:
    line = subject(name).line(9)
    delivery = deliver(name, b"{}")
    line.secrets = "sealed-with-another-key"
    assert not adapter(name).verify(line, delivery)


def read(name: str, delivery: Delivery) -> None:
    """Whatever comes, there is either an ``Unreadable`` or something that can be stored."""
    try:
        notices = adapter(name).parse(subject(name).line(9), delivery)
    except Unreadable:
        return
    for notice in notices:
        assert_storable(notice)


def assert_storable(notice: Notice) -> None:
    for text in texts(asdict(notice)):
        assert "\x00" not in text
        assert text.encode()
    if isinstance(notice, StatusChange):
        assert notice.status in {"sent", "delivered", "opened", "failed"}
        assert len(notice.provider_id) <= 200
        assert len(notice.code) <= 60
    moment = getattr(notice, "at", None)
    assert moment is None or moment.tzinfo is not None


def texts(value: Any) -> Iterator[str]:
    """Every text in it that says something; what stays JSON is stored by its own rules."""
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


@POSTING
@FUZZ
@given(body=st.binary(max_size=300), kind=st.sampled_from(KINDS), query=st.text(max_size=30))
def test_any_bytes_are_read_or_unreadable(name: str, body: bytes, kind: str, query: str) -> None:
    read(name, Delivery(body, kind, query=query))


@POSTING
@FUZZ
@given(data=st.data())
def test_any_value_in_any_place_is_read_or_unreadable(name: str, data: st.DataObject) -> None:
    """The provider's own shape, with one thing in it that nobody promised."""
    known = subject(name).genuine
    body = known[data.draw(st.sampled_from(sorted(known)))]
    spoiled = data.draw(spoiled_json(body) if body.lstrip()[:1] in {b"{", b"["} else cut(body))
    read(name, Delivery(spoiled, subject(name).content_type, query="token=t"))


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def spoiled_json(body: bytes) -> st.SearchStrategy[bytes]:
    places = list(paths(json.loads(body)))

    def spoil(choice: tuple[tuple[Any, ...], Any]) -> bytes:
        content = json.loads(body)
        target = content
        *parents, last = choice[0]
        for step in parents:
            target = target[step]
        target[last] = choice[1]
        return json.dumps(content).encode()

    return st.tuples(st.sampled_from(places), ODD).map(spoil)


def paths(value: Any, before: tuple[Any, ...] = ()) -> Any:
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield (*before, key)
        yield from paths(inner, (*before, key))


def cut(body: bytes) -> st.SearchStrategy[bytes]:
    """``body`` with some bytes replaced by others."""
    places = st.integers(min_value=0, max_value=max(len(body) - 1, 0))
    return st.tuples(places, places, st.binary(max_size=12)).map(
        lambda three: body[: min(three[0], three[1])] + three[2] + body[max(three[0], three[1]) :]
    )
