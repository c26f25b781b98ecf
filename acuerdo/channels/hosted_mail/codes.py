"""What hosted mail services answer, as far as it is common to all of them."""

from django.utils.translation import gettext_lazy as _

_ADDRESS = _("Pida otro correo al cliente.")

CODES = {
    "revoked": (
        _("El servicio de correo no aceptó la clave de la cuenta."),
        _("Copie de nuevo la clave desde el panel del servicio y envíe una prueba."),
    ),
    "invalid": (_("El servicio de correo dice que la dirección no es válida."), _ADDRESS),
    "rejected": (
        _("El servicio tiene la dirección en su lista de rebotes, quejas o bajas."),
        _("Use otro canal; si fue un error, quite la dirección de la lista en el panel."),
    ),
    "bounced": (_("El correo rebotó."), _ADDRESS),
    "blocked": (
        _("El servidor del cliente bloqueó el correo."),
        _("Revise SPF, DKIM y DMARC del dominio remitente."),
    ),
    "spam": (
        _("El servidor del cliente lo tomó por correo no deseado."),
        _("Revise el texto y la reputación del dominio."),
    ),
    "timed_out": (
        _("El servidor del cliente no respondió en varios días."),
        _("Intente por otro canal."),
    ),
    "unsubscribed": (_("El cliente se dio de baja."), _("Use otro canal que no haya rechazado.")),
    "4xx": (
        _("El servicio de correo rechazó el mensaje."),
        _("Lea el detalle: suele ser el remitente sin verificar o la dirección."),
    ),
    "5xx": (
        _("El servicio de correo falló al recibirlo: no se sabe si lo tomó."),
        _("Decida en «Por resolver»: el sistema no lo reenvía solo."),
    ),
}
