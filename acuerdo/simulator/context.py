"""What the sign-in page of a demonstration offers."""

from typing import Any

from django.http import HttpRequest

from acuerdo.simulator import cast


def sign_ins(request: HttpRequest) -> dict[str, Any]:
    del request
    # The function itself: only the sign-in page asks.
    return {"demo_logins": _offered}


def _offered() -> list[dict[str, str]]:
    """Nobody where the invented portfolios are not: whatever the environment says, that is real data."""
    found = cast.logins()
    return found if found and cast.is_loaded() else []
