"""The keys of the screens: what each does as it comes, and what a person put in its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The first key of "g r": it is changed as one, the letter after it stays.
PLACES = "g"


@dataclass(frozen=True, slots=True)
class Key:
    """``named`` is what ``data-key`` says in the templates, whatever a person presses for it."""

    named: str
    label: str | Promise


GROUPS: tuple[tuple[str | Promise, tuple[Key, ...]], ...] = (
    (
        _("En las listas"),
        (
            Key("j", _("Fila siguiente")),
            Key("k", _("Fila anterior")),
            Key("x", _("Elegir la fila")),
            Key("/", _("Buscar")),
            Key("w", _("Siguiente vista guardada")),
        ),
    ),
    (
        _("En una conversación o una llamada"),
        (
            Key("c", _("Contestar")),
            Key("n", _("Nota interna")),
            Key("r", _("Registrar resultado")),
            Key("l", _("Llamar")),
            Key("p", _("Posponer: agendar llamada")),
            Key("o", _("Omitir")),
            Key("u", _("Marcar por gestionar")),
            Key("a", _("Tomar o asignar")),
            Key("e", _("Estado de cuenta")),
            Key("m", _("Compromiso de pago")),
            Key("b", _("Panel del cliente")),
        ),
    ),
    (
        _("En cualquier página"),
        (
            Key(PLACES, _("Ir a…, y la letra del lugar")),
            Key("z", _("Deshacer")),
            Key("?", _("Lista de atajos")),
        ),
    ),
)
ALL = {key.named: key for _title, keys in GROUPS for key in keys}
# What cannot be changed: none of these is a letter alone, or it works inside one field only.
FIXED: tuple[tuple[str | Promise, str], ...] = (
    (_("Barra de comandos"), "Ctrl K"),
    (_("Enviar o guardar"), "Ctrl ↵"),
    (_("Enviar y siguiente"), "Ctrl ⇧ ↵"),
    (_("Abrir la fila"), "↵"),
    (_("Cerrar o volver a la lista"), "Esc"),
    (_("Plantillas, al escribir"), "/"),
    (_("Elegir un resultado en Gestión"), "1…9"),
)


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """A person's keys. ``chosen`` holds only what differs; an empty one does nothing by key."""

    is_on: bool = True
    sends_by_enter: bool = False
    chosen: Mapping[str, str] = field(default_factory=dict)

    def of(self, named: str) -> str:
        """What is pressed for it: ``g r`` keeps its second letter."""
        first, _space, rest = named.partition(" ")
        pressed = self.chosen.get(first, first)
        return f"{pressed} {rest}".strip() if pressed else ""

    @property
    def as_json(self) -> str:
        return json.dumps(dict(self.chosen))
