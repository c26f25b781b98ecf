"""HTML that a stranger wrote, made harmless before anybody looks at it.

Cleaned again at every showing, whatever was done when it was stored, and only ever shown
in a frame that runs nothing.
"""

import nh3

from acuerdo.channels.letters import markup

PAGE = (
    '<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Correo</title><style>'
    "body{{margin:12px;font:14px/1.45 system-ui,sans-serif;color:#1b2130;background:#fff;"
    "overflow-wrap:anywhere}}img{{max-width:100%;height:auto}}table{{max-width:100%}}"
    "</style></head><body>{}</body></html>"
)


def clean(html: str, *, with_images: bool = False) -> str:
    """``html`` without anything that runs, fetches or posts; pictures only where asked for."""
    harmless = markup.clean(html)
    if with_images:
        return harmless
    return nh3.clean(harmless, tags=markup.TAGS - {"img"}, attributes=markup.ATTRIBUTES)


def page(html: str, *, with_images: bool = False) -> str:
    """A whole page for a sandboxed frame."""
    return PAGE.format(clean(html, with_images=with_images))


def policy(*, with_images: bool = False) -> str:
    """The frame's own content policy: nothing is fetched but the pictures somebody asked for."""
    pictures = "https: http:" if with_images else "'none'"
    return (
        f"default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'self'; sandbox"
    )
