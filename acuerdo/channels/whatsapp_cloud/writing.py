"""A parcel as the request that the Cloud API wants: text, template or file, quoted or not."""

from typing import Any

from acuerdo.channels.adapter import File, Parcel, TemplateCall

# WhatsApp names people who hide their number by an id scoped to the business.
SCOPED_ID = "bsuid:"
# What travels as what; all else that WhatsApp takes is a document.
MEDIA = {
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
    "video/3gpp": "video",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
}
DOCUMENTS = (
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
)
MEGABYTE = 1024 * 1024
LARGEST = {
    "image": 5 * MEGABYTE,
    "video": 16 * MEGABYTE,
    "audio": 16 * MEGABYTE,
    "document": 100 * MEGABYTE,
}
LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024


def media_type(file: File) -> str:
    """How ``file`` travels; empty where WhatsApp does not take it."""
    content_type = bare_type(file)
    kind = MEDIA.get(content_type) or ("document" if content_type in DOCUMENTS else "")
    return kind if kind and len(file.content) <= LARGEST[kind] else ""


def bare_type(file: File) -> str:
    return file.content_type.partition(";")[0].strip().lower()


def fault(parcel: Parcel) -> str:
    """Why WhatsApp would not take it, before a byte leaves; empty when it would."""
    if len(parcel.files) > 1:
        return "too_many_files"
    if parcel.files and not media_type(parcel.files[0]):
        return "bad_file"
    if parcel.template is None and not parcel.body.strip() and not parcel.files:
        return "131008"
    return "too_long" if len(parcel.body) > _longest(parcel) else ""


def _longest(parcel: Parcel) -> int:
    """Nobody reads the text of a template: it is the provider that fills it in."""
    if parcel.template:
        return len(parcel.body)
    if not parcel.files:
        return LONGEST_TEXT
    # A sound carries no words.
    return 0 if media_type(parcel.files[0]) == "audio" else LONGEST_CAPTION


def message(parcel: Parcel, *, media_id: str = "") -> dict[str, Any]:
    """``media_id`` names the uploaded file of the parcel."""
    request: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **recipient(parcel.recipient),
        "biz_opaque_callback_data": parcel.token,
    }
    if parcel.quotes:
        request["context"] = {"message_id": parcel.quotes}
    return request | _content(parcel, media_id)


def recipient(address: str) -> dict[str, str]:
    if address.startswith(SCOPED_ID):
        return {"recipient": address.removeprefix(SCOPED_ID)}
    return {"to": "".join(char for char in address if char.isdigit())}


def _content(parcel: Parcel, media_id: str) -> dict[str, Any]:
    if parcel.template:
        file = parcel.files[0] if parcel.files else None
        return {"type": "template", "template": _template(parcel.template, file, media_id)}
    if parcel.files:
        return _media(parcel.files[0], media_id, caption=parcel.body)
    return {"type": "text", "text": {"body": parcel.body, "preview_url": False}}


def _media(file: File, media_id: str, *, caption: str) -> dict[str, Any]:
    kind = media_type(file)
    media = {"id": media_id}
    if caption and kind != "audio":
        media["caption"] = caption
    if kind == "document":
        media["filename"] = file.filename
    return {"type": kind, kind: media}


def _template(call: TemplateCall, file: File | None, media_id: str) -> dict[str, Any]:
    header = [_uploaded(file, media_id)] if file else _header(call)
    parts = [
        {"type": "header", "parameters": header},
        {"type": "body", "parameters": _texts(call.body, call.body_names)},
    ]
    components = [part for part in parts if part["parameters"]]
    buttons = [_button(place, value) for place, value in enumerate(call.buttons) if value]
    return {
        "name": call.name,
        "language": {"code": call.language},
        "components": [*components, *buttons],
    }


def _header(call: TemplateCall) -> list[dict[str, Any]]:
    """A text, or the link of a picture, film or document."""
    if call.header_kind == "text":
        return _texts(call.header, call.header_names)
    return [{"type": call.header_kind, call.header_kind: {"link": link}} for link in call.header]


def _uploaded(file: File, media_id: str) -> dict[str, Any]:
    kind = media_type(file)
    media = {"id": media_id}
    if kind == "document":
        media["filename"] = file.filename
    return {"type": kind, kind: media}


def _texts(values: tuple[str, ...], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """WhatsApp refuses line breaks, tabs and long gaps inside a variable."""
    texts = [{"type": "text", "text": " ".join(value.split())} for value in values]
    for text, name in zip(texts, names, strict=False):
        text["parameter_name"] = name
    return texts


def _button(place: int, value: str) -> dict[str, Any]:
    return {
        "type": "button",
        "sub_type": "url",
        "index": str(place),
        "parameters": [{"type": "text", "text": value}],
    }
