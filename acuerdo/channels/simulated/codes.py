"""The refusals that the demonstration's provider can be asked for."""

from django.utils.translation import gettext_lazy as _

CODES = {
    "refused": (
        _("El número no existe para el proveedor."),
        _("Escriba al cliente por otro canal."),
    ),
    "failed": (
        _("El mensaje salió y no se pudo entregar."),
        _("Escriba al cliente por otro canal."),
    ),
    "4xx": (
        _("El proveedor rechazó el pedido."),
        _("Revise los datos de la cuenta y envíe una prueba."),
    ),
}
