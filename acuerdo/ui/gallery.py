"""Invented data for the page that shows every component. Nothing here is read from the database."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acuerdo.ui.pagination import Page

SCENES = {
    "componentes": "ui/gallery.html",
    "conversaciones": "ui/gallery/conversaciones.html",
    "compuerta": "ui/gallery/conversaciones.html",
    "llamadas": "ui/gallery/llamadas.html",
    "interacciones": "ui/gallery/interacciones.html",
}


@dataclass(frozen=True)
class Row:
    name: str
    when: str
    text: str
    days: int
    amount: Decimal
    currency: str = "PEN"
    channel: str = ""
    icon: str = ""
    tone: str = ""
    letters: str = ""
    unanswered: int = 0
    pending: bool = False
    dot: bool = False
    charged_off: bool = False
    fact: str = ""
    fact_icon: str = ""
    fact_tone: str = ""
    current: bool = False


@dataclass(frozen=True)
class Contact:
    at: str
    name: str
    status: str
    icon: str
    tone: str
    channel: str
    channel_name: str
    incoming: bool
    origin: str
    template: str
    detail: str
    document: str
    adviser: str


@dataclass(frozen=True)
class Column:
    label: str
    key: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Choice:
    key: int
    label: str
    full: str = ""
    chosen: bool = False


INBOX = [
    Row("María Fernanda Quispe", "14:02", "Puedo pagar la mitad el viernes 27, ¿se puede?", 34,
        Decimal("1245.90"), channel="whatsapp", letters="MQ", unanswered=3, pending=True, current=True),
    Row("Jorge Ramírez Soto", "13:47", "Adjunto la constancia del pago", 0, Decimal(380),
        channel="email", unanswered=1, pending=True, fact="Pago a verificar", fact_icon="receipt",
        fact_tone="info"),
    Row("Catalina Rojas Fuentes", "13:31", "Respuesta de IA por aprobar", 18, Decimal(184900), "CLP",
        channel="ia", pending=True, dot=True),
    Row("Lucía Castañeda Ríos", "12:30", "Recordatorio de cuota", 6, Decimal("212.40"), channel="sms",
        icon="checks"),
    Row("Pedro Alvarado Núñez", "11:15", "Volver a llamar: jue 26, 10:00", 128, Decimal(8910),
        channel="call", charged_off=True),
    Row("Rosa Tello Mamani", "10:58", "Acordó una fecha en su página", 0, Decimal(540),
        channel="portal", fact="Compromiso 27 nov", fact_icon="calendar-check", fact_tone="ok"),
    Row("Diego Vargas Luna", "ayer", "No enviado: ventana cerrada", 52, Decimal(4990), "MXN",
        channel="whatsapp", icon="alert-circle", tone="bad"),
    Row("Andrés Felipe Gómez", "ayer", "Estado de cuenta de noviembre", 71, Decimal(1870000), "COP",
        channel="email", icon="mail-opened", letters="AG"),
]  # fmt: skip
TRAY = [
    Row("Patricia Salas Huamán", "en curso", "Falta el resultado", 47, Decimal(2480), icon="clock",
        tone="warn", pending=True, current=True),
    Row("Hugo Mendoza Ccori", "14:30", "Pidió llamada a las 14:30", 22, Decimal("760.50"),
        icon="phone-call", tone="primary", pending=True),
    Row("Elena Bustamante", "hoy", "Compromiso incumplido ayer", 63, Decimal(5120),
        icon="alert-triangle", tone="bad", pending=True),
    Row("Teresa Quiroz Lazo", "hoy", "Leyó 3 mensajes, sin respuesta", 38, Decimal("1905.20"),
        icon="bolt", pending=True),
    Row("Óscar Farfán Rivas", "16:00", "Intento 2 de 3, no contestó", 55, Decimal(890), icon="refresh",
        pending=True),
    Row("Gladys Vera Ponce", "hoy", "Día 15 del flujo Mora 1–30", 15, Decimal(430), icon="route",
        pending=True),
    Row("Nicolás Chávez Ortiz", "hoy", "Día 15 del flujo Mora 1–30", 15, Decimal("318.90"), icon="route",
        pending=True),
    Row("Rafael Ayala Prado", "18:00", "Mejor hora: después de 18:00", 41, Decimal(1340), icon="clock",
        pending=True),
]  # fmt: skip
REGISTER = [
    Contact("19 nov, 14:02", "María Fernanda Quispe", "Recibido", "arrow-down-left", "info", "whatsapp",
            "WhatsApp", True, "—", "—", "Puedo pagar la mitad el viernes 27", "DNI 45••••18", "CN"),
    Contact("19 nov, 13:58", "Patricia Salas Huamán", "Por gestionar", "clock-exclamation", "warn", "call",
            "Llamada", False, "Mora 30–60", "Llamada día 45", "Falta el resultado", "DNI 71••••02", "CN"),
    Contact("19 nov, 12:30", "Lucía Castañeda Ríos", "Entregado", "checks", "neutral", "sms", "SMS",
            False, "Mora 1–30", "Recordatorio 5", "+51 9•• ••• 347", "DNI 40••••91", "CN"),
    Contact("19 nov, 11:15", "Pedro Alvarado Núñez", "Contactado", "phone-call", "ok", "call", "Llamada",
            False, "Castigada", "Seguimiento", "Volver el 26 nov", "DNI 22••••76", "DM"),
    Contact("19 nov, 10:12", "Catalina Rojas Fuentes", "Abierto", "checks", "info", "whatsapp", "WhatsApp",
            False, "Mora 1–30", "Recordatorio 15", "10:26", "RUT 15•••••-4", "IA"),
    Contact("19 nov, 09:40", "Diego Vargas Luna", "No enviado", "ban", "bad", "whatsapp", "WhatsApp",
            False, "Manual", "Texto libre", "Ventana cerrada", "CURP VA••••", "LP"),
    Contact("19 nov, 09:00", "Óscar Farfán Rivas", "No contactado", "phone-off", "warn", "call", "Llamada",
            False, "Mora 30–60", "Llamada día 45", "No contesta, 2 de 3", "DNI 10••••33", "CN"),
    Contact("18 nov, 17:52", "María Fernanda Quispe", "Generado", "circle-check", "ok", "system", "Sistema",
            False, "Evento", "Pago", "S/ 400.00, Yape", "DNI 45••••18", "CN"),
]  # fmt: skip
COLUMNS = [
    Column("Fecha", "at"), Column("Cliente"), Column("Estado"), Column("Canal"), Column("Tipo"),
    Column("Origen"), Column("Plantilla"), Column("Detalle"), Column("Documento"), Column("Asesor"),
]  # fmt: skip
CONTACTED = [
    Choice(1, "Compromiso", "Compromiso o pago a verificar", chosen=True),
    Choice(2, "Volver a llamar"),
    Choice(3, "No quiere pagar"),
    Choice(4, "No puede pagar"),
    Choice(5, "Reestructuración"),
    Choice(6, "Refinanciación"),
    Choice(7, "Pago realizado"),
    Choice(8, "Recordatorio"),
    Choice(9, "Pausar"),
]
NOT_CONTACTED = [
    Choice(1, "No contesta", "No contesta u ocupado"),
    Choice(2, "Equivocado", "Número equivocado o suspendido"),
    Choice(3, "Buzón de voz", "Mensaje en buzón de voz"),
    Choice(4, "Con un tercero", "Contacto con un tercero"),
    Choice(5, "Pausar"),
]
INCOMING = [Choice(1, "Pide información"), Choice(2, "Reclamo"), Choice(3, "Pausar")]
HOLIDAY = "Feriado: Inmaculada Concepción"
FULL = "Pasa el plazo que admite la cartera"


def context(scene: str) -> dict[str, Any]:
    rows: list[Any] = []
    return {
        "scene": scene,
        "nav_section": "interactions:list" if scene == "interacciones" else "conversations:inbox",
        "nav_badges": {"inbox": 12},
        "inbox": INBOX,
        "tray": TRAY,
        "register": REGISTER,
        "columns": COLUMNS,
        "steps": ["Archivo", "Columnas", "Revisión", "Listo"],
        "outcomes": [
            ("Saliente · contacto", "phone-outgoing", "contacted", CONTACTED, False),
            ("Saliente · sin contacto", "phone-off", "not_contacted", NOT_CONTACTED, True),
            ("Entrante", "phone-incoming", "incoming", INCOMING, True),
        ],
        "weeks": month(),
        "aging": [("b2", Decimal("845.90")), ("b1", Decimal(400)), ("b0", Decimal("2172.50"))],
        "page": Page(rows=rows, next="siguiente", previous="anterior"),
        "examples": {"debt": Decimal("1245.90"), "big": Decimal(1870000), "peso": Decimal(4990)},
        "ramp": [0, 18, 34, 71, 128],
    }


def month() -> list[list[tuple[int, str]]]:
    """December 2026 from its seventh: (day, why it is closed)."""
    closed = {
        8: HOLIDAY,
        9: "Cupo semanal agotado",
        12: "Sábado",
        13: "Domingo",
        19: "Sábado",
        20: "Domingo",
    }
    closed |= dict.fromkeys(range(21, 32), FULL)
    days = [(day, closed.get(day, "")) for day in range(7, 32)]
    return [days[start : start + 7] for start in range(0, len(days), 7)]
