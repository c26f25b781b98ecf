"""What Meta posts: many entries, each with changes, each with messages, statuses or news."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from acuerdo.channels import reading
from acuerdo.channels.adapter import (
    AccountNotice,
    Notice,
    OptOutNotice,
    StatusChange,
    Unreadable,
    plain,
)
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.whatsapp_cloud import codes, messages
from acuerdo.channels.whatsapp_cloud.messages import Item, moment
from acuerdo.channels.whatsapp_cloud.writing import SCOPED_ID

STATUSES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "opened",
    "played": "opened",
    "failed": "failed",
}
# Decisions of Meta after which the account cannot send.
STOPPING = {"ACCOUNT_DELETED", "ACCOUNT_RESTRICTION", "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED"}
MARKETING_STOPPED = "131050"


class _Foreign(Exception):  # noqa: N818 - it says whose the change is
    """The change is about another number than the account's."""


def read(account: ChannelAccount, body: bytes) -> list[Notice]:
    """Everything that ``body`` tells; raises ``Unreadable`` when none of it is for us."""
    notices: list[Notice] = []
    foreign: list[str] = []
    for field, value, told_at in _changes(reading.json_object(body)):
        try:
            _refuse_foreign(account, value)
            notices.extend(_dated(FIELDS.get(field, _other)(field, value), told_at))
        except _Foreign as fault:
            foreign.append(str(fault))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            notices.append(_unknown(field, detail=f"{type(fault).__name__}: {fault}"))
    if foreign and not notices:
        raise Unreadable(f"another number: {', '.join(foreign)}")
    return [*notices, *(_unknown("foreign", detail=each) for each in foreign)]


def _dated(notices: list[Notice], told_at: datetime | None) -> list[Notice]:
    """News of the account bear no moment of their own: that of their entry is theirs."""
    return [
        replace(each, at=told_at) if isinstance(each, AccountNotice) else each for each in notices
    ]


def _changes(content: Item) -> Iterator[tuple[str, Item, datetime | None]]:
    if content.get("object") != "whatsapp_business_account":
        raise Unreadable("not of a WhatsApp business account")
    entries = content.get("entry")
    if not isinstance(entries, list):
        raise Unreadable("no entries")
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) else []:
            if isinstance(change, dict) and isinstance(change.get("value"), dict):
                yield str(change.get("field", "")), change["value"], moment(entry.get("time"))


def _refuse_foreign(account: ChannelAccount, value: Item) -> None:
    """One application of Meta posts for all its numbers to one address."""
    metadata = value.get("metadata")
    told = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    ours = str(account.config.get("phone_number_id") or "")
    if told is not None and str(told) != ours:
        raise _Foreign(plain(told, most=60))


def _messages(field: str, value: Item) -> list[Notice]:
    contacts = _contacts(value.get("contacts"))
    notices: list[Notice] = [messages.read(item, contacts) for item in _list(value, "messages")]
    for item in _list(value, "statuses"):
        notices.extend(_status(item))
    notices.extend(_unknown(field, detail=_words(error)) for error in _list(value, "errors"))
    return notices


def _contacts(listed: object) -> dict[str, Item]:
    """The profiles by number and by scoped id."""
    found: dict[str, Item] = {}
    for contact in listed if isinstance(listed, list) else []:
        if isinstance(contact, dict):
            for key in ("wa_id", "user_id"):
                if contact.get(key):
                    found[str(contact[key])] = contact
    return found


def _list(value: Item, name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _status(item: object) -> list[Notice]:
    """One of a kind that we do not know changes nothing; it stays in the raw receipt."""
    if not isinstance(item, dict) or item.get("status") not in STATUSES or not item.get("id"):
        return []
    errors = _list(item, "errors")
    first = errors[0] if errors and isinstance(errors[0], dict) else {}
    code, words = str(first.get("code") or ""), _words(first)
    category, is_billable = _pricing(item)
    status = StatusChange(
        status=STATUSES[item["status"]],
        provider_id=plain(item["id"], most=200),
        token=plain(item.get("biz_opaque_callback_data") or "", most=60),
        at=moment(item.get("timestamp")),
        code=plain(code, most=60),
        detail=plain(words),
        address_fault=codes.address_fault(code, words),
        charged_as=category,
        is_billable=is_billable,
    )
    if code != MARKETING_STOPPED:
        return [status]
    return [status, OptOutNotice(_recipient(item), status.at, detail=plain(words))]


def _pricing(item: Item) -> tuple[str, bool | None]:
    """Told with "sent" and with one of the two that follow."""
    told = item.get("pricing")
    if not isinstance(told, dict) or not isinstance(told.get("billable"), bool):
        return "", None
    return plain(told.get("category") or "", most=30).lower(), told["billable"]


def _recipient(item: Item) -> str:
    number = item.get("recipient_id")
    scoped = item.get("recipient_user_id")
    return plain(number or f"{SCOPED_ID}{scoped or ''}", most=254)


def _words(error: object) -> str:
    if not isinstance(error, dict):
        return ""
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    return str(details or error.get("message") or error.get("title") or "")


def _preferences(_field: str, value: Item) -> list[Notice]:
    """A person stopped, or allowed again, marketing of ours in WhatsApp itself."""
    return [
        OptOutNotice(
            sender=_who(item),
            at=moment(item.get("timestamp")),
            is_back=item["value"] == "resume",
            detail=plain(item.get("detail") or ""),
        )
        for item in _list(value, "user_preferences")
        if item.get("value") in ("stop", "resume")
    ]


def _who(item: Item) -> str:
    number = item.get("wa_id")
    return plain(number or f"{SCOPED_ID}{item['user_id']}", most=254)


def _template_status(_field: str, value: Item) -> list[Notice]:
    return [_template(value, str(value["event"]).upper(), value.get("reason"))]


def _template_category(_field: str, value: Item) -> list[Notice]:
    return [_template(value, f"category:{value['new_category']}", None)]


def _template(value: Item, said: str, reason: object) -> AccountNotice:
    return AccountNotice(
        kind="template",
        value=plain(said, most=60),
        name=plain(value["message_template_name"], most=512),
        language=_language(value),
        detail="" if reason in (None, "NONE") else plain(reason),
    )


def _language(value: Item) -> str:
    """Notices write pt-BR where the list of templates writes pt_BR."""
    return plain(value.get("message_template_language") or "", most=20).replace("-", "_")


def _template_quality(_field: str, value: Item) -> list[Notice]:
    return [
        AccountNotice(
            kind="quality",
            value=plain(str(value["new_quality_score"]).upper(), most=60),
            name=plain(value["message_template_name"], most=512),
            language=_language(value),
        )
    ]


def _number_quality(_field: str, value: Item) -> list[Notice]:
    event = str(value.get("event", "")).upper()
    limit = value.get("max_daily_conversations_per_business") or value.get("current_limit")
    notices: list[Notice] = []
    if event in ("FLAGGED", "UNFLAGGED"):
        notices.append(AccountNotice("quality", "RED" if event == "FLAGGED" else "GREEN"))
    if limit:
        notices.extend(_limit(limit, detail=plain(event)))
    return notices


def _capability(_field: str, value: Item) -> list[Notice]:
    limit = value.get("max_daily_conversations_per_business") or value.get(
        "max_daily_conversation_per_phone"
    )
    return _limit(limit) if limit else []


def _limit(told: object, *, detail: str = "") -> list[Notice]:
    """Meta writes TIER_250, TIER_10K, TIER_UNLIMITED, or the number itself, -1 for any.

    A word that is none of these says nothing: the limit that was known stays.
    """
    text = plain(told, most=60).upper().removeprefix("TIER_")
    if text in ("UNLIMITED", "-1"):
        return [AccountNotice("limit", "", detail=detail)]
    number = text[:-1] + "000" if text.endswith("K") else text
    return [AccountNotice("limit", number, detail=detail)] if number.isdecimal() else []


def _account(field: str, value: Item) -> list[Notice]:
    event = str(value.get("event", "")).upper()
    ban = value.get("ban_info")
    state = str(ban.get("waba_ban_state", "")).upper() if isinstance(ban, dict) else ""
    if event in STOPPING or state == "DISABLE":
        return [AccountNotice("stopped", plain(state or event, most=60), detail=_why(value))]
    return [_unknown(field, detail=event)]


def _why(value: Item) -> str:
    violation = value.get("violation_info")
    kind = violation.get("violation_type") if isinstance(violation, dict) else ""
    return plain(kind or value.get("event") or "")


def _other(field: str, value: Item) -> list[Notice]:
    del value
    return [_unknown(field)]


def _unknown(field: str, *, detail: str = "") -> AccountNotice:
    """News that calls for nothing from us; the raw body keeps its words."""
    return AccountNotice("other", plain(field, most=60), detail=plain(detail))


FIELDS: dict[str, Callable[[str, Item], list[Notice]]] = {
    "messages": _messages,
    "user_preferences": _preferences,
    "message_template_status_update": _template_status,
    "template_category_update": _template_category,
    "message_template_quality_update": _template_quality,
    "phone_number_quality_update": _number_quality,
    "business_capability_update": _capability,
    "account_update": _account,
}
