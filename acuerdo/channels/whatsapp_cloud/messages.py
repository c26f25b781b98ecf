"""What a person wrote, whatever its kind. One that makes no sense is kept and shown as such."""

import hashlib
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from acuerdo.channels.adapter import InboundFile, InboundMessage, plain
from acuerdo.channels.whatsapp_cloud.writing import SCOPED_ID

Item = dict[str, Any]

LONGEST = 65_536
# Python reads no further, and no message is that old or comes from there.
_EPOCHS = range(1, 253_402_300_799)


def read(item: object, contacts: dict[str, Item]) -> InboundMessage:
    """One message; whatever is wrong with it, it never spoils those beside it."""
    try:
        return _read(_dict(item), contacts)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as fault:
        return _unreadable(item, fault)


def _read(item: Item, contacts: dict[str, Item]) -> InboundMessage:
    kind = str(item.get("type", ""))
    make = KINDS.get(kind, _unsupported)
    parts = make(item)
    sender, scoped = _sender(item)
    who = contacts.get(scoped) or contacts.get(sender) or {}
    context = item.get("context")
    quoted = context.get("id") if isinstance(context, dict) else None
    return InboundMessage(
        provider_id=_required(item["id"], most=200),
        sender=sender or f"{SCOPED_ID}{scoped}",
        sender_id=f"{SCOPED_ID}{scoped}" if sender and scoped else "",
        name=_name(who),
        at=moment(item.get("timestamp")),
        body=plain(parts.pop("body", ""), most=LONGEST),
        kind=parts.pop("kind", kind),
        files=parts.pop("files", ()),
        is_automatic=kind == "system",
        answers=(plain(quoted, most=200),) if quoted else parts.pop("answers", ()),
        content=_content(parts, who, context),
    )


def _content(parts: Item, who: Item, context: object) -> Item:
    """What such a kind has beside its text, with the name that the person goes by."""
    profile = who.get("profile")
    username = profile.get("username") if isinstance(profile, dict) else None
    parts.pop("answers", None)
    content = {key: value for key, value in parts.items() if value not in (None, "", [])}
    if username:
        content["username"] = plain(username, most=120)
    if isinstance(context, dict) and context.get("forwarded"):
        content["forwarded"] = True
    cleaned: Item = clean(content)
    return cleaned


def _sender(item: Item) -> tuple[str, str]:
    """The number and the scoped id; either may be missing, but not both."""
    number = plain(item.get("from") or "", most=40).strip()
    scoped = plain(item.get("from_user_id") or item.get("user_id") or "", most=150).strip()
    if number and not number.lstrip("+").isdigit():
        number, scoped = "", scoped or number
    if not number and not scoped:
        system = item.get("system")
        scoped = plain(_dict(system).get("previous_user_id") or "", most=150) if system else ""
    if not number and not scoped:
        raise ValueError("no sender")
    return number, scoped


def _name(who: Item) -> str:
    profile = who.get("profile")
    known = profile if isinstance(profile, dict) else {}
    return plain(known.get("name") or known.get("username") or "", most=120)


def _text(item: Item) -> Item:
    return {"body": _required(_dict(item["text"])["body"], most=LONGEST)}


def _media(item: Item) -> Item:
    kind = item["type"]
    media = _dict(item[kind])
    filename = plain(media.get("filename") or kind, most=200)
    content_type = plain(media.get("mime_type") or "application/octet-stream", most=100)
    file = InboundFile(filename, content_type, media_id=_required(media["id"], most=200))
    return {
        "body": media.get("caption") or "",
        "files": (file,),
        "voice": media.get("voice") or None,
        "animated": media.get("animated") or None,
    }


def _location(item: Item) -> Item:
    place = _dict(item["location"])
    latitude, longitude = float(place["latitude"]), float(place["longitude"])
    words = [str(place[key]) for key in ("name", "address") if place.get(key)]
    return {
        "body": ", ".join([*words, f"{latitude}, {longitude}"]),
        "latitude": latitude,
        "longitude": longitude,
        "name": place.get("name"),
        "address": place.get("address"),
    }


def _contacts(item: Item) -> Item:
    cards = [_card(_dict(each)) for each in item["contacts"]]
    lines = [" ".join([card["name"], *card["phones"], *card["emails"]]) for card in cards]
    return {"body": "\n".join(lines), "contacts": cards}


def _card(card: Item) -> Item:
    name = _dict(card.get("name") or {})
    return {
        "name": str(name.get("formatted_name") or name.get("first_name") or ""),
        "phones": [str(each.get("phone") or each.get("wa_id")) for each in card.get("phones", [])],
        "emails": [str(each["email"]) for each in card.get("emails", []) if each.get("email")],
    }


def _interactive(item: Item) -> Item:
    answer = _dict(item["interactive"])
    kind = str(answer.get("type", ""))
    if kind == "nfm_reply":
        return _form(_dict(answer["nfm_reply"]))
    chosen = _dict(answer[kind])
    return {
        "body": _required(chosen["title"], most=LONGEST),
        "id": chosen.get("id"),
        "description": chosen.get("description"),
        "interactive": kind,
    }


def _form(answer: Item) -> Item:
    """The answers of a form that the person filled in inside WhatsApp."""
    told = json.loads(answer.get("response_json") or "{}")
    answers = {key: value for key, value in _dict(told).items() if key != "flow_token"}
    lines = [f"{key}: {value}" for key, value in answers.items()]
    return {
        "body": "\n".join(lines) or _("Respondió un formulario."),
        "answers_given": answers,
        "interactive": "nfm_reply",
    }


def _button(item: Item) -> Item:
    """A quick reply of a template of ours."""
    button = _dict(item["button"])
    return {
        "kind": "interactive",
        "body": _required(button["text"], most=LONGEST),
        "id": button.get("payload"),
        "interactive": "button",
    }


def _reaction(item: Item) -> Item:
    reaction = _dict(item["reaction"])
    about = _required(reaction["message_id"], most=200)
    emoji = str(reaction.get("emoji") or "")
    return {"body": emoji or _("Quitó su reacción."), "emoji": emoji, "answers": (about,)}


def _system(item: Item) -> Item:
    """News of the person's account, in WhatsApp's words: nobody wrote it."""
    news = _dict(item["system"])
    number = news.get("wa_id") or news.get("new_wa_id")
    words = news.get("body") or _("Cambió algo en la cuenta de WhatsApp de esta persona.")
    if number:
        words = _("Cambió su número de WhatsApp a +%(number)s.") % {"number": number}
    return {
        "body": words,
        "event": news.get("type"),
        "new_number": number,
        "new_user_id": news.get("user_id"),
    }


def _unsupported(item: Item) -> Item:
    """An order, a poll, a kind of tomorrow: kept, with what was said about it."""
    kind = str(item.get("type", ""))
    errors = item.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    detail = _dict(first.get("error_data") or {}).get("details") or first.get("title")
    return {
        "kind": "unsupported",
        "body": _("Mensaje de un tipo que no se puede mostrar (%(kind)s).") % {"kind": kind},
        "type": kind,
        "detail": detail,
        "raw": item.get(kind),
    }


def _unreadable(item: object, fault: Exception) -> InboundMessage:
    """Named by its content where it has no name, so that the same one again is the same."""
    known = item if isinstance(item, dict) else {}
    text = json.dumps(item, sort_keys=True, default=str, ensure_ascii=False)
    name = known.get("id")
    if not isinstance(name, str) or not name.strip():
        name = f"unreadable:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"
    try:
        number, scoped = _sender(known)
    except (ValueError, TypeError, AttributeError):
        number, scoped = "", ""
    return InboundMessage(
        provider_id=plain(name, most=200),
        sender=number or (f"{SCOPED_ID}{scoped}" if scoped else ""),
        body=_("Llegó un mensaje que no se pudo leer."),
        at=moment(known.get("timestamp")),
        kind="unsupported",
        content={
            "detail": plain(f"{type(fault).__name__}: {fault}"),
            "raw": plain(text, most=4000),
        },
    )


KINDS: dict[str, Callable[[Item], Item]] = {
    "text": _text,
    "image": _media,
    "audio": _media,
    "video": _media,
    "document": _media,
    "sticker": _media,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
    "button": _button,
    "reaction": _reaction,
    "system": _system,
}


def moment(value: object) -> datetime | None:
    """The provider's own time of an event; None where it names none that can be."""
    try:
        seconds = int(str(value))
    except ValueError:
        return None
    return datetime.fromtimestamp(seconds, UTC) if seconds in _EPOCHS else None


def clean(value: Any) -> Any:
    """``value`` as plain JSON that the database can hold."""
    if isinstance(value, dict):
        return {plain(key, most=100): clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean(each) for each in value]
    if isinstance(value, str):
        return plain(value, most=LONGEST)
    if value is None or isinstance(value, bool | int):
        return value
    # NaN and infinity are no JSON.
    return value if isinstance(value, float) and math.isfinite(value) else plain(value)


def _dict(value: object) -> Item:
    if not isinstance(value, dict):
        raise TypeError("an object was expected")
    return value


def _required(value: object, *, most: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text was expected")
    return plain(value, most=most)
