"""What each error code of WhatsApp means and what to do about it; and what became of the message.

The provider's list: developers.facebook.com, WhatsApp, error codes. A code that is not
here is uncertain: better a person's look than a second message.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.adapter import REVOKED, Outcome, Waits

_RENEW = _("Genere un token nuevo en Meta y guárdelo en la cuenta del canal.")
_WAIT = _("No hay que hacer nada: se reintenta solo, más despacio.")
_TEMPLATE = _("Sincronice las plantillas y revise las variables de la plantilla.")
_OTHER_TEMPLATE = _("Use otra plantilla aprobada, o corrija esta en Meta.")
_OTHER_CHANNEL = _("Escriba al cliente por otro canal.")
_ASK_META = _("Revise el estado de la cuenta en el administrador de WhatsApp de Meta.")
_RESOLVE = _("Decida en «Por resolver». El sistema no lo reenvía solo.")
_REPORT = _("Revise el mensaje; si está bien, avise a quien administra el sistema.")
_FILE = _("Envíe el archivo en otro formato o más pequeño.")
_APPROVED = _("Envíe una plantilla aprobada, o espere a que el cliente escriba.")

_NO_TOKEN = _("El token de acceso ya no sirve.")
_NO_PERMISSION = _("El token no tiene permiso para enviar por este número.")
_TOO_FAST = _("Se envía más rápido de lo que WhatsApp permite.")
_FAILED = _("WhatsApp falló y no dijo si tomó el mensaje.")
_CLOSED = _("Pasaron más de 24 horas desde el último mensaje del cliente.")

CODES: dict[str, tuple[str | Promise, str | Promise]] = {
    REVOKED: (_("Meta no deja enviar por esta cuenta."), _("Lea el detalle y corríjalo en Meta.")),
    "0": (_NO_TOKEN, _RENEW),
    "190": (_NO_TOKEN, _RENEW),
    "3": (_NO_PERMISSION, _RENEW),
    "10": (_NO_PERMISSION, _RENEW),
    "200": (_NO_PERMISSION, _RENEW),
    "4": (_TOO_FAST, _WAIT),
    "613": (_TOO_FAST, _WAIT),
    "80007": (_TOO_FAST, _WAIT),
    "130429": (_TOO_FAST, _WAIT),
    "131056": (_("Demasiados mensajes seguidos a la misma persona."), _WAIT),
    "368": (_("Meta bloqueó la cuenta por no cumplir sus políticas."), _ASK_META),
    "131031": (_("Meta bloqueó la cuenta."), _ASK_META),
    "131042": (
        _("Hay un problema con el pago de la cuenta de WhatsApp."),
        _("Corrija el medio de pago en Meta."),
    ),
    "131045": (
        _("El número no terminó de registrarse."), _("Registre otra vez el número en Meta."),
    ),
    "133010": (_("El número de envío no está registrado."), _("Registre el número en Meta.")),
    "1": (_FAILED, _RESOLVE),
    "2": (_FAILED, _RESOLVE),
    "131000": (_FAILED, _RESOLVE),
    "131016": (_FAILED, _RESOLVE),
    "no_id": (_FAILED, _RESOLVE),
    "33": (
        _("El identificador del número de envío no existe."),
        _("Corrija el identificador del número en la cuenta del canal."),
    ),
    "100": (_("WhatsApp no entendió el mensaje."), _REPORT),
    "130472": (
        _("Meta no entrega mensajes de marketing a esta persona (experimento)."), _OTHER_CHANNEL,
    ),
    "130497": (_("La cuenta no puede escribir a personas de ese país."), _OTHER_CHANNEL),
    "131005": (_("La cuenta no tiene permiso para esta acción."), _ASK_META),
    "131008": (_("Falta un dato obligatorio en el mensaje."), _REPORT),
    "131009": (_("Un dato del mensaje no es válido."), _REPORT),
    "131021": (_("El destinatario es el mismo número de envío."), _REPORT),
    "131026": (
        _("WhatsApp no pudo entregarlo: el número no usa WhatsApp, o su aplicación es antigua."),
        _OTHER_CHANNEL,
    ),
    "131030": (
        _("Es un número de prueba y el destinatario no está en su lista."),
        _("Agregue el destinatario a la lista de prueba en Meta."),
    ),
    "131037": (
        _("El nombre visible del número no está aprobado."),
        _("Pida la aprobación del nombre visible en Meta."),
    ),
    "131047": (_CLOSED, _APPROVED),
    "window_closed": (_CLOSED, _APPROVED),
    "131048": (_("El número tiene restricciones por quejas o bloqueos de clientes."), _ASK_META),
    "131049": (
        _("Meta no lo entregó: la persona ya recibe demasiado marketing."),
        _("No insista: espere unos días o use otro canal."),
    ),
    "131050": (
        _("La persona pidió a WhatsApp no recibir marketing de esta empresa."), _OTHER_CHANNEL,
    ),
    "131051": (_("WhatsApp no admite ese tipo de mensaje."), _REPORT),
    "131052": (
        _("El archivo que envió el cliente no se pudo descargar."),
        _("Pida al cliente que lo envíe otra vez."),
    ),
    "131053": (_("El archivo no se pudo cargar en WhatsApp."), _FILE),
    "bad_file": (_("WhatsApp no admite ese archivo."), _FILE),
    "too_many_files": (
        _("WhatsApp lleva un solo archivo por mensaje."), _("Envíe cada archivo en un mensaje."),
    ),
    "too_long": (
        _("El texto es más largo de lo que WhatsApp admite."), _("Acorte el texto o divídalo."),
    ),
    "132000": (_("El número de variables no es el de la plantilla."), _TEMPLATE),
    "132001": (_("La plantilla no existe en ese idioma o no está aprobada."), _TEMPLATE),
    "132005": (_("La plantilla es demasiado larga con estos datos."), _TEMPLATE),
    "132007": (_("La plantilla no cumple las políticas de WhatsApp."), _OTHER_TEMPLATE),
    "132012": (_("Una variable no tiene la forma que pide la plantilla."), _TEMPLATE),
    "132015": (_("Meta pausó la plantilla por baja calidad."), _OTHER_TEMPLATE),
    "132016": (_("Meta deshabilitó la plantilla por baja calidad."), _OTHER_TEMPLATE),
    "132018": (_("Las variables de la plantilla no son válidas."), _TEMPLATE),
    "135000": (_("WhatsApp no aceptó los datos del mensaje."), _REPORT),
}  # fmt: skip

# Nothing leaves by this account until somebody settles it with Meta.
STOPPING = frozenset({"0", "3", "10", "190", "368", "131031", "131042", "131045", "133010"})
# Graph's own range of refused permissions.
PERMISSIONS = range(200, 300)
SLOWING = {
    "4": Waits.ACCOUNT,
    "613": Waits.ACCOUNT,
    "80007": Waits.ACCOUNT,
    "130429": Waits.ACCOUNT,
    "131056": Waits.RECIPIENT,
}
UNCLEAR = frozenset({"1", "2", "131000", "131016"})
# What 131026 says where the number is certainly not on WhatsApp; the code alone does not.
NOT_ON_WHATSAPP = (
    "not a whatsapp user",
    "not a valid whatsapp",
    "not on whatsapp",
    "not registered on whatsapp",
)


def stops(code: str) -> bool:
    return code in STOPPING or (code.isdecimal() and int(code) in PERMISSIONS)


def outcome(code: str) -> Outcome:
    """What became of the message. Only what is known to be refused is refused."""
    if stops(code) or code in SLOWING:
        return Outcome.NOT_TAKEN
    if code in UNCLEAR or not code.isdecimal() or code not in CODES:
        return Outcome.UNCERTAIN
    return Outcome.REFUSED


def address_fault(code: str, detail: str) -> str:
    """``not_on_channel`` only where the provider says so; the same code has other causes."""
    words = detail.lower()
    if code == "131026" and any(each in words for each in NOT_ON_WHATSAPP):
        return "not_on_channel"
    return ""
