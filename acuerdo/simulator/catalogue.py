"""The message templates that the simulated WhatsApp account has approved, as Meta keeps them."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

FILE = Path(__file__).parent / "data" / "whatsapp_templates.json"
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
UNKNOWN, WRONG_NUMBER, PAUSED = "132001", "132000", "132015"
PER_PAGE = 25


@cache
def templates() -> list[Json]:
    found: list[Json] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def page(query: Mapping[str, list[str]]) -> Json:
    """One page of the list, by cursor: the cursor is the place of its first row."""
    start = int(query.get("after", ["0"])[0])
    most = min(int(query.get("limit", [str(PER_PAGE)])[0]), PER_PAGE)
    rows = templates()[start : start + most]
    after = start + len(rows)
    paging: Json = {"cursors": {"before": str(start), "after": str(after)}}
    if after < len(templates()):
        paging["next"] = f"?after={after}"
    return {"data": rows, "paging": paging}


def fault(call: Json) -> str:
    """The code that Meta refuses this use of a template with; empty when it would send it."""
    template = _named(call)
    if template is None:
        return UNKNOWN
    if template["status"] == "PAUSED":
        return PAUSED
    wanted = {kind: len(_names(_text(template, kind))) for kind in ("HEADER", "BODY")}
    given = {kind: len(_given(call, kind)) for kind in wanted}
    is_empty = any(not value for kind in wanted for value in _given(call, kind).values())
    return WRONG_NUMBER if wanted != given or is_empty else ""


def filled(call: Json) -> tuple[str, list[str]]:
    """What the person reads, and the labels of the buttons below it."""
    template = _named(call)
    if template is None:
        return "", []
    parts = [_put(_text(template, kind), _given(call, kind)) for kind in ("HEADER", "BODY")]
    parts.append(_text(template, "FOOTER"))
    buttons = _part(template, "BUTTONS").get("buttons", [])
    return "\n\n".join(part for part in parts if part), [each["text"] for each in buttons]


def category(name: str) -> str:
    """As the notices write it; of a name that it does not know, what most are."""
    found = (row["category"] for row in templates() if row["name"] == name)
    return str(next(found, "UTILITY")).lower()


def _named(call: Json) -> Json | None:
    name, language = call.get("name"), call.get("language", {}).get("code")
    wanted = (row for row in templates() if (row["name"], row["language"]) == (name, language))
    return next(wanted, None)


def _part(template: Json, kind: str) -> Json:
    return next((part for part in template["components"] if part["type"] == kind), {})


def _text(template: Json, kind: str) -> str:
    return str(_part(template, kind).get("text", ""))


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(VARIABLE.findall(text)))


def _given(call: Json, kind: str) -> dict[str, str]:
    """The values of one part by the name or number of the variable."""
    parts = [part for part in call.get("components", []) if part["type"] == kind.lower()]
    rows = [row for part in parts for row in part.get("parameters", [])]
    return {
        str(row.get("parameter_name") or place): str(row.get("text", ""))
        for place, row in enumerate(rows, start=1)
    }


def _put(text: str, values: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)
