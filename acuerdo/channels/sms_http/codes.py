"""What a gateway's answers mean, as far as they are the same for every gateway."""

from django.utils.translation import gettext_lazy as _

CODES = {
    "revoked": (
        _("La pasarela no aceptó la clave de la cuenta."),
        _("Escriba de nuevo el usuario y la clave, y envíe una prueba."),
    ),
    "402": (
        _("La cuenta de la pasarela no tiene saldo."),
        _("Cargue saldo con el proveedor; los mensajes que esperan salen solos."),
    ),
    "4xx": (
        _("La pasarela rechazó el mensaje."),
        _("Lea el detalle; suele ser el número, el remitente o el texto."),
    ),
    "5xx": (
        _("La pasarela falló al recibir el mensaje: no se sabe si lo tomó."),
        _("Decida en «Por resolver»: el sistema no lo reenvía solo."),
    ),
}
