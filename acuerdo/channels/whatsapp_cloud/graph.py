"""Where Meta's Graph API is, as what we are known there, and what its answers say."""

from typing import Any

from acuerdo.channels import secrets
from acuerdo.channels.adapter import REVOKED, Outcome, Result, Waits
from acuerdo.channels.exchange import Answer
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.whatsapp_cloud import codes

URL = "https://graph.facebook.com"
VERSION = "v23.0"
TIMEOUT = 20
OK, UNAUTHORIZED, TOO_MANY = 200, 401, 429


class Misconfigured(Exception):  # noqa: N818 - it says what the account is
    """The account lacks a setting without which nothing can be asked."""


def root(account: ChannelAccount) -> str:
    base = str(account.config.get("url") or URL).rstrip("/")
    return f"{base}/{account.config.get('version') or VERSION}"


def number(account: ChannelAccount) -> str:
    """The address of our number; its messages and files are below it."""
    return f"{root(account)}/{_setting(account, 'phone_number_id')}"


def business(account: ChannelAccount) -> str:
    return f"{root(account)}/{_setting(account, 'business_account_id')}"


def _setting(account: ChannelAccount, name: str) -> str:
    value = str(account.config.get(name) or "").strip()
    if not value.isdigit():
        raise Misconfigured(name)
    return value


def headers(account: ChannelAccount) -> dict[str, str]:
    token = secrets.unseal(account.secrets).get("access_token", "").strip()
    if not token or not token.isascii():
        raise Misconfigured("access_token")
    return {"Authorization": f"Bearer {token}"}


def result(answer: Answer) -> Result:
    """What the answer to a message says; all that is not plainly one thing is uncertain."""
    content = answer.json()
    error = content.get("error")
    if answer.is_success and not error:
        return _accepted(content, answer)
    told = error if isinstance(error, dict) else {}
    given = told.get("code")
    code = str(answer.status if given is None else given)
    return _refusal(code, _detail(told), answer)


def _accepted(content: dict[str, Any], answer: Answer) -> Result:
    messages = content.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    provider_id = first.get("id") if isinstance(first, dict) else None
    if isinstance(provider_id, str) and provider_id:
        return Result(Outcome.ACCEPTED, provider_id=provider_id)
    return Result(Outcome.UNCERTAIN, code="no_id", detail=str(answer.status))


def _refusal(code: str, words: str, answer: Answer) -> Result:
    outcome, detail, wait = codes.outcome(code), f"{code}: {words}", answer.retry_after
    is_known = outcome != Outcome.UNCERTAIN or code in codes.UNCLEAR
    if codes.stops(code) or (answer.status == UNAUTHORIZED and not is_known):
        return Result(Outcome.NOT_TAKEN, code=REVOKED, detail=detail)
    if answer.status == TOO_MANY and not is_known:
        return Result(Outcome.NOT_TAKEN, "", "429", detail, wait, Waits.ACCOUNT)
    waits = codes.SLOWING.get(code, Waits.MESSAGE)
    fault = codes.address_fault(code, words)
    return Result(outcome, "", code, detail, wait, waits, fault)


def _detail(error: dict[str, Any]) -> str:
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    return str(details or error.get("message") or "")
