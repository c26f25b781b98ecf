"""What Twilio's codes mean (https://www.twilio.com/docs/api/errors), and what each one proves."""

from django.utils.translation import gettext_lazy as _

from acuerdo.channels.adapter import Waits

# The account or its key: nothing more can leave until somebody puts it right.
REVOKED_CODES = frozenset({"20003", "20005", "20006", "30002"})
# Nothing was taken, and another message would fare no better now.
WAITING = {
    "20429": Waits.ACCOUNT,
    "14107": Waits.ACCOUNT,
    "21611": Waits.ACCOUNT,
    # A wrong setting of ours: a person can mend it while the messages wait.
    "20404": Waits.ACCOUNT,
    "21212": Waits.ACCOUNT,
    "21603": Waits.ACCOUNT,
    "21606": Waits.ACCOUNT,
    "21659": Waits.ACCOUNT,
    "21660": Waits.ACCOUNT,
    "21701": Waits.ACCOUNT,
    "21703": Waits.ACCOUNT,
    "21705": Waits.ACCOUNT,
}
ADDRESS_FAULTS = {
    "21211": "hard_bounce",
    "21217": "hard_bounce",
    "21610": "opted_out",
    "21614": "not_on_channel",
    "21635": "not_on_channel",
    "30005": "not_on_channel",
    "30006": "not_on_channel",
}

_SENDER = _("Revise el número o el servicio de mensajería de la cuenta y envíe una prueba.")
_ALONE = _("No hay que hacer nada: se reintenta solo.")
_KEYS = _("Copie de nuevo el SID y el Auth Token de la consola de Twilio y envíe una prueba.")
_OTHER_CHANNEL = _("Escriba al cliente por otro canal o pida otro número.")

CODES = {
    "revoked": (_("Twilio no aceptó las claves de la cuenta o la suspendió."), _KEYS),
    "20003": (_("Twilio no aceptó el SID o el Auth Token de la cuenta."), _KEYS),
    "20005": (
        _("La cuenta de Twilio no está activa."),
        _("Entre a la consola de Twilio: suele faltar saldo o un documento."),
    ),
    "20006": (_("La cuenta de Twilio no tiene permiso para enviar."), _KEYS),
    "20404": (_("Twilio no conoce la cuenta o el recurso."), _KEYS),
    "20429": (
        _("Se superó el ritmo que Twilio permite; el mensaje no salió."),
        _("Se reintenta solo. Si se repite, baje el ritmo de la cuenta."),
    ),
    "14107": (_("El número superó su límite de envíos por Twilio."), _ALONE),
    "21211": (
        _("El número del cliente no es válido."),
        _("Corrija el número en la ficha del cliente."),
    ),
    "21212": (_("El número remitente no es válido."), _SENDER),
    "21217": (
        _("El número del cliente no parece un teléfono."),
        _("Corrija el número en la ficha del cliente."),
    ),
    "21408": (
        _("La cuenta de Twilio no tiene habilitado el país del cliente."),
        _("Habilite el país en Messaging › Geo permissions de la consola de Twilio."),
    ),
    "21602": (_("El mensaje iba sin texto."), _("Corrija la plantilla.")),
    "21603": (_("Falta el número remitente."), _SENDER),
    "21606": (_("El número remitente no puede enviar SMS o no es de esta cuenta."), _SENDER),
    "21608": (
        _("La cuenta de prueba de Twilio solo escribe a números verificados."),
        _("Pase la cuenta de Twilio a una de pago."),
    ),
    "21610": (
        _("El cliente respondió BAJA o STOP a este número y Twilio ya no entrega."),
        _("Quedó en la lista de bajas de SMS. Solo el cliente puede volver con START."),
    ),
    "21611": (_("El número remitente tiene demasiados mensajes en cola."), _ALONE),
    "21612": (
        _("Twilio no tiene cómo llegar de este remitente a ese número."),
        _("Pruebe con un remitente del país del cliente, o por otro canal."),
    ),
    "21614": (_("El número del cliente no recibe SMS."), _OTHER_CHANNEL),
    "21617": (
        _("El texto supera los 1600 signos que Twilio admite."),
        _("Acorte la plantilla."),
    ),
    "21635": (_("El número del cliente es un teléfono fijo."), _OTHER_CHANNEL),
    "21659": (_("El número remitente no es de esta cuenta de Twilio."), _SENDER),
    "21660": (_("El número remitente pertenece a otra cuenta de Twilio."), _SENDER),
    "21701": (_("El servicio de mensajería no existe."), _SENDER),
    "21703": (_("El servicio de mensajería no tiene números."), _SENDER),
    "21705": (_("El identificador del servicio de mensajería no es válido."), _SENDER),
    "30001": (_("La cola de Twilio está llena."), _ALONE),
    "30002": (_("Twilio suspendió la cuenta."), _("Entre a la consola de Twilio.")),
    "30003": (
        _("El teléfono estaba apagado o fuera de servicio."),
        _("Intente más tarde o por otro canal."),
    ),
    "30004": (_("El operador bloqueó el mensaje."), _OTHER_CHANNEL),
    "30005": (_("El número no existe o ya no está en uso."), _OTHER_CHANNEL),
    "30006": (_("El número es fijo o su operador no recibe SMS."), _OTHER_CHANNEL),
    "30007": (
        _("El operador lo filtró como correo no deseado."),
        _("Revise el texto: enlaces acortados y mayúsculas suelen causarlo."),
    ),
    "30008": (_("El operador no dijo por qué no lo entregó."), _OTHER_CHANNEL),
    "30034": (
        _("El remitente no está registrado ante los operadores de Estados Unidos."),
        _("Registre el remitente (A2P 10DLC) en la consola de Twilio."),
    ),
    "30036": (
        _("El mensaje venció antes de poder entregarse."),
        _("Intente de nuevo dentro del horario permitido."),
    ),
    "5xx": (
        _("Twilio falló al recibir el mensaje: no se sabe si lo tomó."),
        _("Decida en «Por resolver»: el sistema no lo reenvía solo."),
    ),
}
