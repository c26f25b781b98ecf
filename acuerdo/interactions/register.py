"""The register as a table: which columns there are, which a person chose, and its rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from acuerdo.interactions.models import Interaction
from acuerdo.organization.models import Portfolio, User

SCREEN = "interactions"
# In the order of the table. Date, customer and state are always there.
COLUMNS = {
    "canal": _("Canal"),
    "tipo": _("Tipo"),
    "origen": _("Flujo, evento o campaña"),
    "plantilla": _("Plantilla utilizada"),
    "detalle": _("Mensaje de error o detalle"),
    "monto": _("Monto"),
    "documento": _("Documento"),
    "asesor": _("Asesor"),
    "cartera": _("Cartera"),
    "destino": _("Número o correo"),
    "enviado": _("Fecha de envío real"),
    "registro": _("Registró"),
    "nota_canal": _("Canal de origen de la nota"),
    "nota_gestion": _("Tipo de gestión de la nota"),
    "nota_codigo": _("Código asociado"),
    "nota": _("Comentario de la nota"),
}
USUAL = ("canal", "tipo", "origen", "plantilla", "detalle", "documento", "asesor")


@dataclass(frozen=True)
class Row:
    """One row with the names that its ids stand for."""

    interaction: Interaction
    portfolio: str
    adviser: str


def columns_of(user: User) -> list[str]:
    chosen = user.columns.get(SCREEN) or USUAL
    return [key for key in COLUMNS if key in chosen]


def known(keys: Iterable[str]) -> list[str]:
    wanted = set(keys)
    return [key for key in COLUMNS if key in wanted]


def rows(interactions: list[Interaction]) -> list[Row]:
    """Names are looked up once for all rows: the register keeps ids of that time."""
    portfolios = Portfolio.objects.in_bulk({row.portfolio_id for row in interactions})
    advisers = User.objects.in_bulk({row.adviser_id for row in interactions if row.adviser_id})
    return [
        Row(
            interaction=row,
            portfolio=_name(portfolios.get(row.portfolio_id)),
            adviser=_name(advisers.get(row.adviser_id or 0)),
        )
        for row in interactions
    ]


def _name(found: Portfolio | User | None) -> str:
    return found.name if found else ""
