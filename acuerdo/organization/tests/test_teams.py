import pytest

from acuerdo.organization import teams, users
from acuerdo.organization.models import Team, User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives.refusals import Refusal


def test_a_team_is_made_renamed_and_removed(adviser: User) -> None:
    team = teams.create(" Norte ", by=None, at=NOW)
    users.update(adviser, team=team, by=None, at=NOW)
    teams.rename(team, "Sur", by=None, at=NOW)
    assert Team.objects.get().name == "Sur"
    teams.remove(team, by=None, at=NOW)
    adviser.refresh_from_db()
    assert adviser.team is None


@pytest.mark.parametrize("name", ["", "  ", "norte", "x" * 121])
@pytest.mark.usefixtures("organization")
def test_a_team_needs_a_name_of_its_own(name: str) -> None:
    teams.create("Norte", by=None, at=NOW)
    with pytest.raises(Refusal) as refused:
        teams.create(name, by=None, at=NOW)
    assert refused.value.field == "name"
