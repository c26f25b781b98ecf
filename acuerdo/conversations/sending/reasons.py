"""Why a message waits or did not leave, and what to do: the policy's, the ledger's or the provider's."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels.explanations import Explanation, explain
from acuerdo.contact_policy import verdicts
from acuerdo.conversations.sending import states

_WAIT = gettext_lazy("No hay que hacer nada: es lo que la ley o la regla pide.")
_REWRITE = gettext_lazy("Escríbalo de nuevo si todavía tiene sentido.")
# What our own side decided, and its remedy.
REMEDIES: dict[str, str | Promise] = {
    "address_unusable": gettext_lazy("Corrija el dato de contacto del cliente y escriba de nuevo."),
    "too_late": _REWRITE,
    "opted_out": gettext_lazy("Respete su pedido: use otro canal que no haya rechazado."),
    "no_opt_in": gettext_lazy(
        "Registre dónde lo aceptó, en su ficha o en la cartera, o escríbale por otro canal."
    ),
    "no_marketing_opt_in": gettext_lazy("Use una plantilla de servicio u otro canal."),
    "marketing_blocked": gettext_lazy("Escríbale por otro canal."),
    "third_party_collection": gettext_lazy("Escríbale por otro canal."),
    "no_pack": gettext_lazy(
        "Cargue las reglas de contacto del país o corrija el país del cliente."
    ),
    "no_window": gettext_lazy("Use un canal que la regla del país permita."),
    "closed_hours": _WAIT,
    "holiday": _WAIT,
    "cap_reached": _WAIT,
    "unknown_customer": gettext_lazy("No hay a quién escribir."),
}
_DEFAULT = gettext_lazy("No hay que hacer nada: el flujo sigue cuando esa condición termine.")


def told(adapter: str, code: str, text: str = "") -> Explanation:
    """``text`` is what the register keeps beside ``code``: our sentence, or the provider's words."""
    ours = verdicts.REASONS.get(code) or states.REASONS.get(code)
    if ours:
        return Explanation(text or str(ours), str(REMEDIES.get(code, _DEFAULT)))
    if code in states.OUTCOMES:
        return _bare(code, text)
    found = explain(adapter, code)
    if found.is_known or not text:
        return found
    return Explanation(text, found.remedy, is_known=False)


def _bare(code: str, text: str) -> Explanation:
    """The provider gave no code: the outcome itself stands for it."""
    words = {
        "failed": _("El proveedor rechazó el mensaje."),
        "not_sent": _("El mensaje no salió."),
        "uncertain": _("El proveedor no respondió: no se sabe si llegó."),
    }
    return Explanation(text or words[code], _("Escriba al cliente por otro canal."))
