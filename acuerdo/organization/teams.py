"""Groups of advisers who may, if the organisation says so, see each other's customers."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.organization import facts
from acuerdo.organization.models import Team, User
from acuerdo.primitives.refusals import Refusal

MAX_NAME = 120


@transaction.atomic
def create(name: str, *, by: User | None, at: datetime) -> Team:
    team = Team.objects.create(name=_free(name))
    facts.record("team.updated", subject=team, by=by, at=at)
    return team


@transaction.atomic
def rename(team: Team, name: str, *, by: User | None, at: datetime) -> Team:
    team.name = _free(name, but=team)
    team.save(update_fields=["name"])
    facts.record("team.updated", subject=team, by=by, at=at)
    return team


@transaction.atomic
def remove(team: Team, *, by: User | None, at: datetime) -> None:
    """Its members stay, without a team."""
    facts.record("team.updated", subject=team, by=by, at=at, removed=True)
    team.delete()


def _free(name: str, *, but: Team | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        sentence = _("Indique el nombre del equipo, con hasta 120 letras.")
        raise Refusal("no_name", sentence, field="name")
    others = Team.objects.exclude(pk=but.pk) if but else Team.objects.all()
    if others.filter(name__iexact=name).exists():
        sentence = _("Ya hay un equipo «%s».")
        raise Refusal("name_taken", sentence % name, field="name", status=409)
    return name
