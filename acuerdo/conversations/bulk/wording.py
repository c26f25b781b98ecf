"""What was asked of many and what became of it, in the words of the screens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from acuerdo.conversations.bulk_models import BulkAction, BulkJob, BulkStatus
from acuerdo.conversations.sending import reasons as send_reasons
from acuerdo.conversations.tray.listing import Count

Words = str | Promise

# Why somebody was left alone, or could not be taken back.
REASONS: Mapping[str, Words] = {
    "out_of_reach": gettext_lazy("Ya no está a su alcance."),
    "not_allowed": gettext_lazy("Usted ya no tenía permiso para hacerlo."),
    "stopped": gettext_lazy("Se detuvo antes de llegar aquí."),
    "not_waiting": gettext_lazy("No esperaba ninguna gestión."),
    "wrote_meanwhile": gettext_lazy("Escribió mientras tanto: sigue por gestionar."),
    "answered_meanwhile": gettext_lazy("Alguien le contestó después."),
    "already_theirs": gettext_lazy("Ya estaba así asignado."),
    "adviser_out_of_portfolio": gettext_lazy("La persona elegida no trabaja su cartera."),
    "reassigned_meanwhile": gettext_lazy("Otra persona lo asignó después."),
    "adviser_gone": gettext_lazy("Su asesor anterior ya no trabaja esa cartera."),
    "already_paused": gettext_lazy("Ya estaba en pausa; esa pausa sigue como estaba."),
    "pause_in_the_past": gettext_lazy("Para su zona horaria, ese día ya empezó."),
    "not_the_owner": gettext_lazy("Lo atiende otra persona, o nadie: tómelo para escribirle."),
    "foreign_template": gettext_lazy("La plantilla es de otra cartera o de otro idioma."),
    "nothing_owed": gettext_lazy("No debe nada."),
    "promise_pending": gettext_lazy("Tiene un compromiso vigente."),
    "report_pending": gettext_lazy("Tiene un pago por verificar."),
    "missing_value": gettext_lazy("Le falta un dato que la plantilla usa."),
    "template_changed": gettext_lazy("La plantilla cambió o se retiró después de pedirlo."),
    "no_account": gettext_lazy("No hay una cuenta activa para este canal."),
    "no_address": gettext_lazy("No tiene una dirección que sirva para este canal."),
    "already_left": gettext_lazy("El mensaje ya había salido."),
    "pause_over": gettext_lazy("La pausa ya había terminado o cambiado."),
}


@dataclass(frozen=True, slots=True)
class Question:
    """Before it is done: the title of the form, what will happen, the button."""

    title: Words
    intro: Words
    button: Words


QUESTIONS: Mapping[str, Question] = {
    BulkAction.OMIT: Question(
        gettext_lazy("Omitir"),
        gettext_lazy(
            "Dejan de estar por gestionar, sin enviar nada. Las que no esperan nada quedan como están."
        ),
        gettext_lazy("Omitir"),
    ),
    BulkAction.ASSIGN: Question(
        gettext_lazy("Asignar"),
        gettext_lazy(
            "Pasan a la persona elegida. Quienes son de una cartera que no trabaja quedan como están."
        ),
        gettext_lazy("Asignar"),
    ),
    BulkAction.PAUSE: Question(
        gettext_lazy("Pausar"),
        gettext_lazy(
            "No sale ningún mensaje automático hasta ese día. Las pausas que ya corren quedan como están."
        ),
        gettext_lazy("Pausar"),
    ),
    BulkAction.TEMPLATE: Question(
        gettext_lazy("Enviar plantilla"),
        gettext_lazy(
            "Queda en la cola y sale dentro de un minuto, o cuando lo permitan el horario y los topes"
            " de cada cliente, aunque sea días después. Rigen las reglas de los envíos automáticos:"
            " pausas, bajas y consentimiento. Quien espera respuesta sigue por gestionar."
        ),
        gettext_lazy("Ver el mensaje"),
    ),
}


def how_many(count: Count) -> str:
    if count.is_more:
        return _("más de %(n)s conversaciones") % {"n": count.number}
    return ngettext("%(n)s conversación", "%(n)s conversaciones", count.number) % {
        "n": count.number
    }


def terms(job: BulkJob) -> list[str]:
    """What was typed when it was asked for."""
    told = job.terms
    if job.action == BulkAction.ASSIGN:
        return [told["name"] or _("Sin asignar")]
    if job.action == BulkAction.TEMPLATE:
        return [told["name"]]
    until = (
        _("hasta el %s") % f"{date.fromisoformat(told['until']):%d/%m/%Y}"
        if "until" in told
        else ""
    )
    return [word for word in (until, told.get("note", ""), told.get("reason", "")) if word]


def reason(code: str) -> str:
    return str(REASONS.get(code) or send_reasons.told("", code).sentence)


def remedy(job: BulkJob, *, is_undoable: bool) -> str:
    """What its author does about a job that failed."""
    told = _after_undoing(job, is_undoable) if job.undo_asked else _after_doing(job)
    last = _("Si falla otra vez, avise a quien administra el sistema: acción masiva %(id)s.")
    return f"{told} {last % {'id': job.pk}}"


def _after_doing(job: BulkJob) -> str:
    if not job.not_reached:
        return _("Todo lo pedido quedó hecho; solo faltó darlo por terminado.")
    return _("Lo hecho queda hecho y el resto sigue como estaba. Vuelva a pedirlo para el resto.")


def _after_undoing(job: BulkJob, is_undoable: bool) -> str:
    """Whom nobody had come to when it was undone is to be left alone: nothing is asked for them."""
    if not job.standing:
        return _("No queda nada por deshacer, y a quienes faltaban no se les hizo nada.")
    if job.undone or job.kept:
        told = _("Parte se deshizo; el resto sigue hecho.")
    elif job.not_reached:
        told = _("Nada se deshizo: lo hecho sigue hecho y a quienes faltaban no se les hizo nada.")
    else:
        told = _("Nada se deshizo: todo lo pedido sigue hecho.")
    after = _("Vuelva a deshacer.") if is_undoable else _("Ya no se puede deshacer.")
    return f"{told} {after}"


def result(job: BulkJob) -> str:
    """One sentence for a notice."""
    if job.status == BulkStatus.UNDONE:
        words: dict[str, object] = {"n": job.undone, "kept": job.kept}
        if job.kept:
            return _("Deshechas: %(n)s. No se pudo con %(kept)s.") % words
        return _("Deshechas: %(n)s.") % words
    words = {"action": job.get_action_display(), "n": job.done, "total": job.total}
    if job.status == BulkStatus.FAILED:
        return _("%(action)s falló: %(n)s de %(total)s.") % words
    return _("%(action)s: %(n)s de %(total)s.") % words
