import pytest

from acuerdo.events.models import Event
from acuerdo.organization import portfolios
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives.refusals import Refusal


@pytest.mark.usefixtures("organization")
def test_a_portfolio_gets_its_code_from_its_name() -> None:
    created = portfolios.create(name="Créditos  de Consumo", by=None, at=NOW)
    assert (created.name, created.code) == ("Créditos de Consumo", "creditos-de-consumo")
    assert Event.objects.get(type="portfolio.created").subject_id == created.pk


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": "  "}, "no_name"),
        ({"name": "tarjetas"}, "name_taken"),
        ({"name": "Otra", "code": "tarjetas"}, "name_taken"),
        ({"name": "Otra", "kind": "vieja"}, "bad_kind"),
    ],
)
@pytest.mark.usefixtures("organization")
def test_a_wrong_portfolio_is_refused(fields: dict[str, str], code: str) -> None:
    portfolios.create(name="Tarjetas", by=None, at=NOW)
    with pytest.raises(Refusal, match=code):
        portfolios.create(**fields, by=None, at=NOW)
