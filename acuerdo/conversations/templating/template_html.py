"""The page of an e-mail template, made ready when it is saved: mail programs read no style sheet."""

import re

import css_inline
import nh3
from django.utils.translation import gettext as _

from acuerdo.channels.letters import markup
from acuerdo.primitives.refusals import Refusal

LONGEST = 100_000
FORBIDDEN = (
    "script",
    "form",
    "iframe",
    "object",
    "embed",
    "input",
    "video",
    "audio",
    "link",
    "svg",
)
_FORBIDDEN = re.compile(rf"<\s*({'|'.join(FORBIDDEN)})\b", re.IGNORECASE)
_HANDLER = re.compile(r"<[^>]*\s(on[a-z]+)\s*=", re.IGNORECASE)
_LAYOUT = {"align", "bgcolor", "dir", "height", "lang", "style", "valign", "width"}
# What every large mail program shows; nothing that fetches, floats over the page or hides.
STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color",
    "border-left", "border-radius", "border-right", "border-spacing", "border-style", "border-top",
    "border-width", "color", "display", "font", "font-family", "font-size", "font-style",
    "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "margin",
    "margin-bottom", "margin-left", "margin-right", "margin-top", "max-width", "min-width",
    "padding", "padding-bottom", "padding-left", "padding-right", "padding-top", "table-layout",
    "text-align", "text-decoration", "text-transform", "vertical-align", "white-space", "width",
}  # fmt: skip


def compiled(source: str) -> str:
    """What is sent: styles within each element, and nothing in it that runs or fetches unasked.

    Raises Refusal where something would be lost that its writer counts on.
    """
    if not source.strip():
        return ""
    _refuse_mistakes(source)
    try:
        inlined = css_inline.CSSInliner(load_remote_stylesheets=False).inline(source)
    except (css_inline.InlineError, ValueError) as fault:
        sentence = _("El HTML no se entiende: %s") % str(fault)[:120]
        raise Refusal("bad_html", sentence, field="html") from None
    return nh3.clean(
        inlined,
        tags=markup.TAGS,
        attributes=markup.ATTRIBUTES | {"*": _LAYOUT},
        url_schemes=markup.SCHEMES,
        filter_style_properties=STYLES,
        link_rel=None,
    ).strip()


def text_of(source: str) -> str:
    """The plain twin, for whoever reads mail as text."""
    return markup.to_text(compiled(source))


def _refuse_mistakes(source: str) -> None:
    if len(source) > LONGEST:
        sentence = _("El HTML pasa de cien mil letras: los programas de correo lo cortarían.")
        raise Refusal("long_html", sentence, field="html")
    found = _FORBIDDEN.search(source)
    if found:
        sentence = _("Un correo no puede llevar <%(tag)s>: los programas de correo lo bloquean.")
        raise Refusal("forbidden_html", sentence % {"tag": found[1].lower()}, field="html")
    handler = _HANDLER.search(source)
    if handler:
        sentence = _("Un correo no puede llevar «%(name)s»: quítelo.")
        raise Refusal("forbidden_html", sentence % {"name": handler[1].lower()}, field="html")
