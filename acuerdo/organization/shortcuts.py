"""Each person's keys. No two things have the same one; what is not chosen is as it comes."""

from datetime import datetime

from django.utils.translation import gettext as _

from acuerdo.organization import users
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui import keys
from acuerdo.ui.keys import OwnKeys

# Digits choose a result in Gestión; other signs need AltGr on one or other Spanish keyboard.
SIGNS = frozenset("/?.,;:-_+*'¿¡!")


def of(user: User) -> OwnKeys:
    return OwnKeys(user.has_shortcuts, user.sends_by_enter, user.own_keys)


def switch(user: User, *, is_on: bool, sends_by_enter: bool, at: datetime) -> None:
    users.update(user, by=user, at=at, has_shortcuts=is_on, sends_by_enter=sends_by_enter)


def change(user: User, named: str, pressed: str, *, at: datetime) -> None:
    """An empty key leaves it to its button. Refusal ``no_such_key``, ``unfit_key``, ``key_taken``."""
    if named not in keys.ALL:
        raise Refusal("no_such_key", _("Esa acción ya no existe. Recargue la página."))
    pressed = pressed.strip().lower()
    if pressed and not _is_fit(pressed):
        sentence = _("Use una sola letra, o un signo que se escriba sin AltGr. Los números no.")
        raise Refusal("unfit_key", sentence, field=named)
    _check_free(of(user), named, pressed)
    chosen = user.own_keys | {named: pressed}
    if pressed == named:
        del chosen[named]
    users.update(user, by=user, at=at, own_keys=chosen)


def reset(user: User, *, at: datetime) -> None:
    users.update(user, by=user, at=at, own_keys={})


def _is_fit(pressed: str) -> bool:
    return len(pressed) == 1 and (pressed.isalpha() or pressed in SIGNS)


def _check_free(own: OwnKeys, named: str, pressed: str) -> None:
    for key in keys.ALL.values():
        if pressed and key.named != named and own.of(key.named) == pressed:
            sentence = _("La tecla %(key)s ya es de «%(label)s». Cambie esa primero.")
            told = sentence % {"key": pressed.upper(), "label": key.label}
            raise Refusal("key_taken", told, field=named, status=409)
