"""What a provider's code means and what to do about it, in words for the person who reads it.

Each adapter's folder may hold a ``codes.py`` with ``CODES``: code -> (sentence, remedy), both
lazily translated. A key such as ``5xx`` speaks for every code that begins with 5.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise
Codes = Mapping[str, tuple[Words, Words]]


class Explanation(NamedTuple):
    """``is_known`` is False where all we have is the code itself."""

    sentence: str
    remedy: str
    is_known: bool = True


# What our own side says, whatever the provider.
OURS: Codes = {
    "misconfigured": (
        gettext_lazy("Al canal le falta un dato o tiene uno incorrecto."),
        gettext_lazy("Revise los datos de la cuenta en Ajustes › Canales y envíe una prueba."),
    ),
    "unreachable": (
        gettext_lazy("No se pudo abrir la conexión con el proveedor; el mensaje no salió."),
        gettext_lazy("Compruebe la dirección del servidor y la red. Se reintenta solo."),
    ),
    "lost": (
        gettext_lazy("La conexión se cortó antes de entregar el mensaje."),
        gettext_lazy("No hay que hacer nada: se reintenta solo."),
    ),
    "no_turn": (
        gettext_lazy("El proveedor va lento y el mensaje no alcanzó su turno."),
        gettext_lazy("No hay que hacer nada: sale en la vuelta siguiente."),
    ),
    "no_answer": (
        gettext_lazy("El proveedor no respondió: no se sabe si el mensaje llegó."),
        gettext_lazy("Decida en «Por resolver». El sistema no lo reenvía solo."),
    ),
    "fault": (
        gettext_lazy("El conector falló a mitad de la entrega: no se sabe si el mensaje llegó."),
        gettext_lazy("Decida en «Por resolver» y avise a quien administra el servidor."),
    ),
    "unwritable": (
        gettext_lazy("La dirección o el texto no se pueden escribir en este canal."),
        gettext_lazy("Corrija la dirección del cliente o el texto de la plantilla."),
    ),
    "unprepared": (
        gettext_lazy("No se pudo preparar el envío de este mensaje."),
        gettext_lazy("Se intenta de nuevo; si se repite, avise a quien administra el servidor."),
    ),
    "file_missing": (
        gettext_lazy("El archivo adjunto no se pudo leer; el mensaje no salió."),
        gettext_lazy("Adjúntelo otra vez en un mensaje nuevo."),
    ),
    "429": (
        gettext_lazy("El proveedor pidió ir más despacio; el mensaje no salió."),
        gettext_lazy("Se reintenta solo. Si se repite, baje el ritmo de la cuenta."),
    ),
    "not_taken": (
        gettext_lazy("El proveedor no tomó el mensaje."),
        gettext_lazy("No hay que hacer nada: se reintenta solo."),
    ),
}


def explain(adapter: str, code: str) -> Explanation:
    """Why ``adapter`` answered ``code`` and the remedy; always something to show."""
    known = _codes(adapter)
    for key in (code, f"{code[:1]}xx"):
        found = known.get(key) or OURS.get(key)
        if found:
            return Explanation(str(found[0]), str(found[1]))
    if not code:
        return Explanation(
            _("El proveedor no dio un motivo."), _("Consulte el panel del proveedor."), False
        )
    return Explanation(
        _("El proveedor respondió con el código %(code)s.") % {"code": code},
        _("Busque ese código en la documentación del proveedor."),
        False,
    )


@cache
def _codes(adapter: str) -> Codes:
    path = settings.CHANNEL_ADAPTERS.get(adapter, "")
    module = f"{path.rpartition('.')[0]}.codes"
    if not path or find_spec(module) is None:
        return {}
    codes: Codes = import_module(module).CODES
    return codes
