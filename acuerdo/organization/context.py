"""What every page knows."""

from typing import Any

from django.conf import settings as django_settings
from django.http import HttpRequest

from acuerdo.organization import settings, shortcuts
from acuerdo.organization.models import User
from acuerdo.organization.permissions import granted


def workspace(request: HttpRequest) -> dict[str, Any]:
    """Organisation, the user's rights as a set, and the addresses that scripts need."""
    visitor = getattr(request, "user", None)
    user = visitor if isinstance(visitor, User) else None
    return {
        "organization": settings.current(),
        "perms_granted": granted(user) if user else frozenset(),
        "is_demo": django_settings.DEMO,
        "live_url": django_settings.LIVE_URL,
        "theme": user.theme if user else "",
        "density": user.density if user else "",
        "shortcuts": shortcuts.of(user) if user else None,
    }
