"""¿Por qué no se envía nada? The causes that hold sending right now, the widest first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from acuerdo.contact_policy import calendars, hours, rules, zones
from acuerdo.contact_policy.hours import Place
from acuerdo.conversations.sending import health
from acuerdo.conversations.sending.health import Report
from acuerdo.organization import settings
from acuerdo.ui import formatting

# A worker takes what is due within a second; a queue this old is stuck.
LATE = timedelta(minutes=2)
LATELY = timedelta(minutes=5)
# These hold every account.
WIDEST = frozenset({"paused", "no_worker", "no_account"})


class Cause(NamedTuple):
    """``place`` is the address name of where it is put right; ``key`` its argument."""

    code: str
    tone: str
    sentence: str
    remedy: str = ""
    place: str = ""
    key: int | None = None


def causes(reports: list[Report], *, at: datetime) -> list[Cause]:
    """Never empty: where nothing holds, it says that it works, or that nothing is due."""
    found = [*_everywhere(), *_of_accounts(reports), *_of_hours(reports, at=at)]
    return [*found, _verdict(reports, found, at=at)]


def _everywhere() -> Iterator[Cause]:
    organization = settings.current()
    if organization.sending_paused_at:
        why = organization.sending_paused_reason or _("sin motivo anotado")
        sentence = _("Todos los envíos están en pausa: %(why)s.") % {"why": why}
        remedy = _("Revise lo que está por salir y pulse «Reanudar envíos».")
        yield Cause("paused", "bad", sentence, remedy)
    if not health.living_workers():
        yield Cause(
            "no_worker",
            "bad",
            _("El proceso que envía no da señales desde hace más de un minuto."),
            _("En el servidor: acuerdo up (o solo el proceso: acuerdo worker)."),
        )


def _of_accounts(reports: list[Report]) -> Iterator[Cause]:
    if not any(report.account.is_active for report in reports):
        sentence = _("No hay ninguna cuenta activa.")
        remedy = _("Cree una en Ajustes › Canales, envíe una prueba y actívela.")
        yield Cause("no_account", "bad", sentence, remedy, "channels:accounts")
    for report in reports:
        yield from _of_account(report)


def _of_account(report: Report) -> Iterator[Cause]:
    account, name = report.account, report.account.name
    if not account.is_active:
        if report.due or report.later:
            sentence = _("%(name)s está inactiva y tiene mensajes en cola.") % {"name": name}
            yield Cause("inactive", "bad", sentence, _("Actívela."), "channels:account", account.pk)
        return
    if report.is_stopped:
        what = {"name": name, "why": account.stopped_reason}
        sentence = _("%(name)s está detenida: %(why)s.") % what
        yield Cause("stopped", "bad", sentence, _("Corrija la causa y reanúdela aquí abajo."))
    if report.held:
        what = {"name": name, "count": str(report.held)}
        sentence = _("%(name)s retiene mensajes por lo que dice el proveedor: %(count)s.") % what
        remedy = _("Salen solos cuando la plantilla o la calidad de la cuenta se recuperen.")
        yield Cause("held", "warn", sentence, remedy, "channels:account", account.pk)
    for fault in report.faults:
        sentence = f"{name}: {fault.sentence}"
        yield Cause(fault.code, "bad", sentence, fault.remedy, "channels:account", account.pk)
    if report.waits_until:
        what = {"name": name, "when": _local(report.waits_until)}
        sentence = _("El proveedor de %(name)s pidió esperar hasta las %(when)s.") % what
        remedy = _("Sigue solo. Si se repite, baje los mensajes por segundo de la cuenta.")
        yield Cause("back_off", "warn", sentence, remedy, "channels:account", account.pk)


def _of_hours(reports: list[Report], *, at: datetime) -> Iterator[Cause]:
    """What the law of the organisation's own country says of each channel in use."""
    organization = settings.current()
    pack = rules.pack_for(organization.country)
    if pack is None:
        return
    place = Place(zones.candidates(organization.country, organization.time_zone))
    added = calendars.added_closures()
    for channel in dict.fromkeys(r.account.channel for r in reports if r.account.is_active):
        opens = hours.next_open(pack, place, channel, at, added)
        if opens == at:
            continue
        label = next(
            r.account.get_channel_display() for r in reports if r.account.channel == channel
        )
        holiday, rule = hours.closing_rule(pack, place, channel, at, added)
        why = _("es feriado (%(name)s)") % {"name": holiday} if holiday else _("fuera de horario")
        what = {"channel": label, "why": why, "rule": rule}
        sentence = _("%(channel)s: %(why)s en el país de la organización, regla %(rule)s.") % what
        remedy = _("Se abre el %(when)s.") % {"when": _local(opens)} if opens else ""
        yield Cause("closed", "info", sentence, remedy)


def _verdict(reports: list[Report], found: list[Cause], *, at: datetime) -> Cause:
    """How it stands: a queue behind what is held never counts as leaving."""
    held = {cause.code for cause in found} & WIDEST
    open_ones = [r for r in reports if not held and r.account.is_active and not r.is_stopped]
    last = max((r.handed_over_at for r in open_ones if r.handed_over_at), default=None)
    if last and at - last < LATELY:
        sentence = _("Se está enviando: última entrega, %(when)s.") % {"when": _local(last)}
        return Cause("sending", "ok", sentence)
    oldest = min((r.oldest_due_at for r in reports if r.oldest_due_at), default=None)
    if oldest:
        return _waiting(oldest, found, is_open=_leaves(open_ones, oldest, at=at))
    upcoming = min((r.next_due_at for r in reports if r.next_due_at), default=None)
    if upcoming:
        sentence = _("Nada tiene que salir ahora; lo próximo, el %(when)s.")
        return Cause("nothing_due", "info", sentence % {"when": _local(upcoming)})
    remedy = _("Los flujos ponen mensajes en cola al planificar el día.")
    return Cause("empty", "info", _("La cola está vacía."), remedy)


def _leaves(open_ones: list[Report], oldest: datetime, *, at: datetime) -> bool:
    return any(r.oldest_due_at == oldest for r in open_ones) and at - oldest <= LATE


def _waiting(oldest: datetime, found: list[Cause], *, is_open: bool) -> Cause:
    if is_open:
        return Cause("taking", "ok", _("Hay mensajes que salen en este momento."))
    sentence = _("Hay mensajes que debían salir desde el %(when)s.") % {"when": _local(oldest)}
    remedy = "" if found else _("Mire el registro del proceso que envía.")
    return Cause("late", "warn", sentence, remedy)


def _local(moment: datetime) -> str:
    return formatting.local_time(moment, settings.current().time_zone)
