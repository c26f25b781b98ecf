"""Pages on paper: a template becomes a PDF that had nothing but itself to read.

Whoever writes a name or a note must not be able to make the server open a file or an
address, so every fetch is refused (CVE-2026-22200 is what happens otherwise).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from acuerdo.primitives.refusals import Refusal

try:
    import weasyprint
    from weasyprint.urls import URLFetcher
except OSError:  # pragma: no cover - Pango is missing on this machine
    weasyprint = None
    URLFetcher = object

STYLES = Path(__file__).parent / "static" / "ui" / "print.css"


class FetchNothing(URLFetcher):  # type: ignore[misc]
    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """Raises ValueError, always."""
        del headers
        raise ValueError(f"a document fetches nothing: {url[:80]}")


def is_possible() -> bool:
    """False where the system has no Pango, which draws the text."""
    return weasyprint is not None


def pdf(template: str, context: Mapping[str, Any]) -> bytes:
    """``template`` on A4 in ``print.css``. Raises Refusal (503) without Pango."""
    if not is_possible():
        sentence = _("Este servidor no puede hacer PDF: instale Pango (libpango-1.0).")
        raise Refusal("no_pango", sentence, status=503)
    styles = weasyprint.CSS(string=STYLES.read_text(), url_fetcher=FetchNothing())
    page = weasyprint.HTML(
        string=render_to_string(template, dict(context)), url_fetcher=FetchNothing()
    )
    made: bytes = page.write_pdf(stylesheets=[styles])
    return made
