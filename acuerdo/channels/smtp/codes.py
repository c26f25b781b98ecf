"""What mail servers answer (RFC 5321, 4.2.3)."""

from django.utils.translation import gettext_lazy as _

CODES = {
    "421": (
        _("El servidor de correo está ocupado o cerró la conexión."),
        _("No hay que hacer nada: se reintenta solo."),
    ),
    "450": (
        _("El buzón está ocupado por ahora."),
        _("No hay que hacer nada: se reintenta solo."),
    ),
    "revoked": (
        _("El servidor de correo no aceptó el usuario o la contraseña."),
        _("Escriba de nuevo la contraseña de la cuenta y envíe una prueba."),
    ),
    "535": (
        _("El servidor de correo no aceptó el usuario o la contraseña."),
        _("Escriba de nuevo la contraseña de la cuenta y envíe una prueba."),
    ),
    "550": (
        _("El buzón no existe o el servidor no acepta correo para él."),
        _("Pida otro correo al cliente y marque este como no utilizable."),
    ),
    "552": (
        _("El buzón está lleno o el mensaje es demasiado grande."),
        _("Intente más tarde, o con un mensaje sin archivos."),
    ),
    "553": (
        _("El servidor no acepta la dirección."),
        _("Revise la dirección del cliente y la del remitente."),
    ),
    "554": (
        _("El servidor de correo rechazó el mensaje."),
        _("Revise que el dominio del remitente tenga SPF y DKIM, y lea el detalle."),
    ),
    "4xx": (
        _("El servidor de correo no pudo tomarlo por ahora."),
        _("No hay que hacer nada: se reintenta solo."),
    ),
    "5xx": (
        _("El servidor de correo rechazó el mensaje."),
        _("Lea el detalle del servidor y corrija la dirección o la cuenta."),
    ),
}
