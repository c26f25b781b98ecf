"""A strategy goes in and comes out as one file; mistakes are named by step and field."""

from pathlib import Path

import pytest
from django.conf import settings

from acuerdo.conversations.models import MessageTemplate
from acuerdo.flows import files
from acuerdo.flows.models import Flow, Step
from acuerdo.flows.tests.factories import NOW
from acuerdo.organization.models import Organization
from acuerdo.primitives.refusals import Refusal

EXAMPLE = (Path(settings.PACKAGE).parent / "examples" / "strategy.yaml").read_text()

pytestmark = pytest.mark.django_db


def load(text: str) -> list[Flow]:
    return files.load(text, by=None, at=NOW)


def test_example_loads_with_its_six_steps(organization: Organization) -> None:
    (flow,) = load(EXAMPLE)
    steps = flow.steps.values_list("offset_days", "channel")
    assert list(steps) == [
        (-3, "email"),
        (0, "whatsapp"),
        (1, "sms"),
        (7, "whatsapp"),
        (15, "call"),
        (30, "email"),
    ]


def test_what_comes_out_goes_in_again_and_changes_nothing(organization: Organization) -> None:
    load(EXAMPLE)
    written = files.dump()
    load(written)
    assert files.dump() == written
    assert set(MessageTemplate.objects.values_list("version", flat=True)) == {1}
    assert Step.objects.count() == 6


def test_step_that_the_file_no_longer_names_is_retired(organization: Organization) -> None:
    load(EXAMPLE)
    load(EXAMPLE[: EXAMPLE.index("      - key: un-mes")])
    assert list(Step.objects.filter(is_active=False).values_list("key", flat=True)) == ["un-mes"]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("offset_days: -3", "offset_days: tres", "«aviso-previo»: el campo «offset_days» debe ser"),
        ("channel: sms", "channel: fax", "«un-dia»: el campo «channel» no admite"),
        ("        channel: sms\n", "", "«un-dia»: el campo «channel» falta"),
        ('hour: "11:00"', 'hour: "mañana"', "«una-semana»: el campo «hour» debe ser una hora"),
        ("{{saldo_total}}", "{{saldo}}", "«aviso-previo»: «{{saldo}}» no es una etiqueta"),
        ("key: un-mes", "key: llamada", "«llamada» está dos veces"),
        ("flows:\n", "flujos:\n", "El campo «flows» falta"),
        ("name: Estrategia general", "name: [", "no es YAML válido (línea"),
        (
            "name: Estrategia general",
            "name: General\n    portfolio: nada",
            "no hay una cartera con el código «nada»",
        ),
    ],
)
def test_mistake_is_named_and_nothing_is_kept(
    organization: Organization, before: str, after: str, sentence: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        load(EXAMPLE.replace(before, after, 1))
    assert sentence in refusal.value.sentence
    assert not Flow.objects.exists()


def test_file_that_is_not_a_strategy_is_refused(organization: Organization) -> None:
    for text in ("", "42", "- a\n- b", "flows: 7", "flows: []", "flows: [null]"):
        with pytest.raises(Refusal, match="bad_file"):
            load(text)
