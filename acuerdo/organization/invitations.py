"""How a new user chooses the first password."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from acuerdo.organization.models import User


def link(user: User) -> str:
    """Where ``user`` chooses a password; good for one use, for some days."""
    key = default_token_generator.make_token(user)
    path = reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key}
    )
    return f"{settings.BASE_URL}{path}"
