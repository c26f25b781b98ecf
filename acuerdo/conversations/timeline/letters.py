"""HTML that a stranger wrote, made harmless before anybody looks at it.

Cleaned again at every showing, whatever was done when it was stored, and only ever shown
in a frame that runs nothing.
"""

from collections.abc import Mapping
from urllib.parse import unquote

import nh3

from acuerdo.channels.letters import markup

PAGE = (
    '<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Correo</title><style>'
    "body{{margin:12px;font:14px/1.45 system-ui,sans-serif;color:#1b2130;background:#fff;"
    "overflow-wrap:anywhere}}img{{max-width:100%;height:auto}}table{{max-width:100%}}"
    "</style></head><body>{}</body></html>"
)


def clean(
    html: str, *, with_images: bool = False, pictures: Mapping[str, str] | None = None
) -> str:
    """``html`` without anything that runs, fetches or posts; pictures only where asked for.

    ``pictures`` are those of the letter itself, by the name that it has for each.
    """
    harmless, own = markup.clean(html), pictures or {}
    if not (with_images or own):
        return nh3.clean(harmless, tags=markup.TAGS - {"img"}, attributes=markup.ATTRIBUTES)

    def shown(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) != ("img", "src"):
            return value
        if value.lower().startswith("cid:"):
            return own.get(unquote(value[4:]))
        return value if with_images else None

    return nh3.clean(
        harmless,
        tags=markup.TAGS,
        attributes=markup.ATTRIBUTES,
        url_schemes=markup.SCHEMES,
        attribute_filter=shown,
        link_rel="noopener noreferrer nofollow",
    )


def page(html: str, *, with_images: bool = False, pictures: Mapping[str, str] | None = None) -> str:
    """A whole page for a sandboxed frame."""
    return PAGE.format(clean(html, with_images=with_images, pictures=pictures))


def policy(*, with_images: bool = False) -> str:
    """The frame's own content policy: nothing is fetched but the pictures somebody asked for."""
    pictures = "data: https: http:" if with_images else "data:"
    return (
        f"default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'self'; sandbox"
    )
