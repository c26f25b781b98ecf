"""Mail to the team, which carries the links that reset a password: set by halves it never arrives."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as Warned

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@register
def team_mail_is_set_whole(**kwargs: Any) -> list[CheckMessage]:
    del kwargs
    user, password = bool(settings.EMAIL_HOST_USER), bool(settings.EMAIL_HOST_PASSWORD)
    if user != password:
        missing = "ACUERDO_EMAIL_PASSWORD" if user else "ACUERDO_EMAIL_USER"
        words = f"{missing} is not set: mail to the team goes out without signing in."
        hint = "Set both, or neither for a server that asks for no password."
        return [Warned(words, hint=hint, id="organization.W001")]
    in_the_clear = not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    if user and in_the_clear and settings.EMAIL_HOST not in LOOPBACK:
        words = f"The password of mail to the team goes to {settings.EMAIL_HOST} in the clear."
        hint = "Set ACUERDO_EMAIL_SECURITY to starttls or tls, as the provider says."
        return [Warned(words, hint=hint, id="organization.W002")]
    return []
