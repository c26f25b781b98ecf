"""A provider's template with our tags in its variables: its wording, and the call that sends it.

``variables`` of a message template are lists of tags by part: ``{"header": ["nombre"],
"body": ["nombre", "saldo_total"], "buttons": ["campo.enlace"]}``, in the provider's order.
A header that is a picture, film or document takes the https address of one instead.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from acuerdo.channels.models import ProviderTemplate
from acuerdo.primitives.refusals import Refusal

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
PARTS = ("header", "body", "buttons")
LINKED = ("IMAGE", "VIDEO", "DOCUMENT")

Variables = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Slots:
    """What a provider's template leaves open, part by part.

    ``buttons`` has a label for each button, and ``open_buttons`` the places of those that
    want the end of an address.
    """

    header: str = ""
    header_kind: str = "text"
    body: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    open_buttons: tuple[int, ...] = ()

    @property
    def header_names(self) -> list[str]:
        return [self.header_kind] if self.header_kind != "text" else names(self.header)

    @property
    def body_names(self) -> list[str]:
        return names(self.body)

    @property
    def wanted(self) -> dict[str, list[str]]:
        """The provider's own name of each variable, by part."""
        opened = [self.buttons[place] for place in self.open_buttons]
        return {"header": self.header_names, "body": self.body_names, "buttons": opened}


def names(text: str) -> list[str]:
    """The variables of ``text`` in the order that the provider counts them, each once."""
    found = list(dict.fromkeys(VARIABLE.findall(text)))
    return sorted(found, key=int) if all(name.isdigit() for name in found) else found


def slots(template: ProviderTemplate) -> Slots:
    parts = {str(part.get("type", "")).upper(): part for part in template.components}
    header = parts.get("HEADER", {})
    kind = str(header.get("format", "TEXT")).upper()
    buttons = [
        each for each in parts.get("BUTTONS", {}).get("buttons", []) if isinstance(each, dict)
    ]
    return Slots(
        header=str(header.get("text", "")) if kind not in LINKED else "",
        header_kind=kind.lower() if kind in LINKED else "text",
        body=str(parts.get("BODY", {}).get("text", "")),
        footer=str(parts.get("FOOTER", {}).get("text", "")),
        buttons=tuple(str(each.get("text", "")) for each in buttons),
        open_buttons=tuple(
            place for place, each in enumerate(buttons) if "{{" in str(each.get("url", ""))
        ),
    )


def wording(template: ProviderTemplate, variables: Variables) -> str:
    """What a person will read, with our tags where the provider has its variables."""
    found = slots(template)
    header = _filled(found.header, _given(variables, "header"))
    body = _filled(found.body, _given(variables, "body"))
    return "\n\n".join(part for part in (header, body, found.footer) if part)


def _filled(text: str, tags: list[str]) -> str:
    by_name = dict(zip(names(text), tags, strict=False))
    return VARIABLE.sub(lambda match: f"{{{{{by_name.get(match[1], match[1])}}}}}", text)


def refuse_mistakes(template: ProviderTemplate, variables: Variables) -> None:
    """Each variable has its tag, and an address where a file is wanted; else a Refusal."""
    found = slots(template)
    for part, wanted in found.wanted.items():
        given = _given(variables, part)
        for name, tag in zip(wanted, [*given, *[""] * len(wanted)], strict=False):
            if not tag.strip():
                sentence = _("Elija un dato para la variable «%(name)s».") % {"name": name}
                raise Refusal("missing_variable", sentence, field="provider_template")
        if len(given) > len(wanted):
            sentence = _("La plantilla del proveedor no tiene tantas variables.")
            raise Refusal("too_many_variables", sentence, field="provider_template")
    linked = _given(variables, "header") if found.header_kind != "text" else []
    if any(not link.startswith("https://") for link in linked):
        sentence = _("El encabezado necesita la dirección https de un archivo.")
        raise Refusal("bad_link", sentence, field="provider_template")


def tags(template: ProviderTemplate, variables: Variables) -> list[str]:
    """Every tag that has to have a value before the template can be sent."""
    is_linked = slots(template).header_kind != "text"
    parts = ("body", "buttons") if is_linked else PARTS
    return [tag for part in parts for tag in _given(variables, part)]


def call(
    template: ProviderTemplate, variables: Variables, values: Mapping[str, str]
) -> dict[str, Any]:
    """The fields of ``channels.adapter.TemplateCall``; a missing value is left empty."""
    found = slots(template)
    header, body, buttons = (_given(variables, part) for part in PARTS)
    is_linked = found.header_kind != "text"
    filled = [values.get(tag, "") for tag in buttons]
    by_place = dict(zip(found.open_buttons, filled, strict=False))
    return {
        "name": template.name,
        "language": template.language,
        "header": header if is_linked else [values.get(tag, "") for tag in header],
        "body": [values.get(tag, "") for tag in body],
        "buttons": [by_place.get(place, "") for place in range(len(found.buttons))],
        "header_kind": found.header_kind,
        "header_names": [] if is_linked else _own(found.header_names),
        "body_names": _own(found.body_names),
    }


def told(
    template: ProviderTemplate, variables: Variables, call: Mapping[str, Any]
) -> dict[str, str]:
    """The values that ``call`` was filled in with, by their tags."""
    found = slots(template)
    filled = {"header": call["header"] if found.header_kind == "text" else [], "body": call["body"]}
    filled["buttons"] = [call["buttons"][place] for place in found.open_buttons]
    return {
        tag: str(value)
        for part in PARTS
        for tag, value in zip(_given(variables, part), filled[part], strict=False)
    }


def _own(named: list[str]) -> list[str]:
    """Variables that are only numbered are not named in a call."""
    return [] if all(name.isdigit() for name in named) else named


def _given(variables: Variables, part: str) -> list[str]:
    return [str(tag) for tag in variables.get(part, [])]
