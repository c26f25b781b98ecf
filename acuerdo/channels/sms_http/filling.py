"""Writes the request that a gateway's definition describes."""

from typing import Any
from urllib.parse import quote

from acuerdo.channels.sms_http.definition import PLACEHOLDER, Send

Values = dict[str, str]


def request(send: Send, values: Values) -> dict[str, Any]:
    """What ``Wire.ask`` wants beside method and address."""
    headers = {name: _text(value, values) for name, value in send.headers.items()}
    body = _filled(send.body, values)
    key = {"json": "json", "form": "data", "query": "params"}[send.format]
    return {"headers": headers, key: body}


def url(send: Send, values: Values) -> str:
    return _text(send.url, {name: quote(value, safe="") for name, value in values.items()})


def _filled(template: Any, values: Values) -> Any:
    if isinstance(template, str):
        return _text(template, values)
    if isinstance(template, dict):
        return {name: _filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, values) for value in template]
    return template


def _text(template: str, values: Values) -> str:
    """In one pass: a text that itself contains {{api_key}} is sent as it is."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], template)
