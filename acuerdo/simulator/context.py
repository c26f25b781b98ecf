"""What the sign-in page of a demonstration offers."""

from typing import Any

from django.http import HttpRequest

from acuerdo.simulator import cast


def sign_ins(request: HttpRequest) -> dict[str, Any]:
    del request
    return {"demo_logins": cast.logins()}
