"""The register as it goes out. Internal notes leave only where they are asked for by name."""

from collections.abc import Mapping
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Trim

from acuerdo.interactions import access
from acuerdo.interactions.filters import CHANNELS, NOTE, InteractionFilter
from acuerdo.interactions.models import (
    Direction,
    FactKind,
    Handling,
    Interaction,
    Kind,
    NoteChannel,
    Origin,
    Status,
)
from acuerdo.organization.models import Portfolio, User
from acuerdo.spreadsheets.sheet import ExportColumn, ExportSheet, labelled


def rows(parameters: Mapping[str, Any], by: User) -> QuerySet[Interaction]:
    """The page's rows and order; the notes alone with the channel *Nota*, else all but them.

    A file that is handed on, to a creditor or a debtor, then holds no note by oversight.
    """
    wanted = InteractionFilter.parse(parameters)
    found = wanted.apply(access.interactions_for(by)).order_by("-at", "-id")
    return found if wanted.channel == NOTE else found.exclude(kind=Kind.NOTE)


def _name(model: type[Portfolio | User], key: str) -> Subquery:
    return Subquery(model._default_manager.filter(pk=OuterRef(key)).values("name")[:1])


FULL_NAME = Trim(Concat("customer__first_name", Value(" "), "customer__last_name"))

INTERACTIONS = ExportSheet(
    name="interactions",
    title="Interacciones",
    columns=(
        ExportColumn("Fecha", "at", "moment", 20),
        ExportColumn("Cliente", FULL_NAME, width=30),
        ExportColumn("Tipo de documento", "customer__document_type"),
        ExportColumn("Documento", "customer__document_number"),
        ExportColumn("Canal", labelled("channel", CHANNELS)),
        ExportColumn("Tipo", labelled("direction", Direction.choices)),
        ExportColumn("Estado", labelled("status", Status.choices)),
        ExportColumn("Evento", labelled("fact", FactKind.choices)),
        ExportColumn("Origen", labelled("origin", Origin.choices)),
        ExportColumn("Flujo, evento o campaña", "source", width=26),
        ExportColumn("Plantilla utilizada", "template", width=26),
        ExportColumn("Destinatario", "recipient", width=26),
        ExportColumn("Detalle", "summary", width=50),
        ExportColumn("Motivo", "reason_text", width=40),
        ExportColumn("Monto", "amount", "amount"),
        ExportColumn("Moneda", "currency", width=8),
        ExportColumn("Cartera", _name(Portfolio, "portfolio_id"), width=22),
        ExportColumn("Asesor", _name(User, "adviser_id"), width=22),
        ExportColumn("Registró", "by__name", width=22),
        ExportColumn("Fecha de envío real", "sent_at", "moment", 20),
        ExportColumn("Canal de origen de la nota", labelled("note__channel", NoteChannel.choices)),
        ExportColumn("Tipo de gestión de la nota", labelled("note__handling", Handling.choices)),
        ExportColumn("Código asociado", "note__code"),
        ExportColumn("Comentario de la nota", "note__body", width=60),
    ),
    rows=rows,
)

EXPORTS = [INTERACTIONS]
