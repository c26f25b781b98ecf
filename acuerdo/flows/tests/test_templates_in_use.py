"""A template that a step stands on is neither switched off nor moved to another channel."""

import pytest

from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.flows import strategies
from acuerdo.flows.models import Flow, Step
from acuerdo.flows.tests.factories import NOW, flow, step, template
from acuerdo.organization.models import Portfolio
from acuerdo.primitives.refusals import Refusal


@pytest.fixture
def general(book: Portfolio) -> Flow:
    return flow(name="General")


@pytest.fixture
def week(general: Flow) -> Step:
    return step(general, 7, name="Una semana")


def change(row: MessageTemplate, **changes: object) -> MessageTemplate:
    kept = {"name": row.name, "channel": row.channel, "body": row.body}
    return message_templates.save(row, **(kept | changes), by=None, at=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{"is_active": False}, {"channel": "whatsapp"}])
def test_a_template_in_use_says_who_uses_it(week: Step, changes: dict[str, object]) -> None:
    with pytest.raises(Refusal) as refused:
        change(week.template, **changes)
    assert "el paso «Una semana» del flujo «General»" in refused.value.sentence
    assert refused.value.field == next(iter(changes))
    week.template.refresh_from_db()
    assert (week.template.is_active, week.template.channel) == (True, "sms")


def test_its_words_may_change(week: Step) -> None:
    assert change(week.template, body="Otra cosa").version == 2


@pytest.mark.parametrize("is_retired", [True, False])
def test_it_may_go_once_no_step_runs_it(week: Step, general: Flow, *, is_retired: bool) -> None:
    if is_retired:
        strategies.retire_step(week, by=None, at=NOW)
    else:
        strategies.save(general, name="General", is_active=False, by=None, at=NOW)
    assert not change(week.template, is_active=False).is_active


def test_a_step_does_not_take_up_what_is_switched_off(general: Flow) -> None:
    idle = change(template("sms"), is_active=False)
    with pytest.raises(Refusal, match="idle_template"):
        step(general, 7, template=idle)


def test_a_flow_is_not_switched_on_with_a_text_that_is_off(week: Step, general: Flow) -> None:
    strategies.save(general, name="General", is_active=False, by=None, at=NOW)
    change(week.template, is_active=False)
    with pytest.raises(Refusal, match="idle_template"):
        strategies.save(general, name="General", is_active=True, by=None, at=NOW)
