"""A strategy as one YAML file, templates included; mistakes are named by step and field."""

from datetime import datetime, time
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.flows import strategies
from acuerdo.flows.models import Flow, Step
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives.refusals import Refusal


class TemplateFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    subject: str = Field(default="", max_length=200)
    body: str = Field(min_length=1)
    html: str = ""


class StepFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: str = Field(pattern=r"^[a-z0-9_-]{1,60}$")
    name: str = Field(min_length=1, max_length=120)
    offset_days: int = Field(ge=-strategies.FARTHEST, le=strategies.FARTHEST)
    channel: str = Field(pattern="^(whatsapp|sms|email|call)$")
    hour: time = time(9)
    recipient: str = Field(default="debtor", pattern="^(debtor|guarantor|reference)$")
    template: TemplateFile


class FlowFile(BaseModel):
    """``portfolio`` is the code of a portfolio; left out, the flow serves all the others."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=120)
    portfolio: str | None = None
    is_active: bool = True
    steps: list[StepFile] = Field(min_length=1)


class StrategyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    flows: list[FlowFile] = Field(min_length=1)


@transaction.atomic
def load(text: str, *, by: User | None, at: datetime) -> list[Flow]:
    """Make the flows of the file so; steps it no longer names are retired. All or nothing."""
    return [_load_flow(each, by=by, at=at) for each in _parsed(text).flows]


def dump() -> str:
    """Every flow with its active steps, in the form that ``load`` reads."""
    flows = Flow.objects.select_related("portfolio").prefetch_related("steps__template")
    data = {"flows": [_dumped(flow) for flow in flows]}
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as people do, after a bar."""


def _write_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


def _parsed(text: str) -> StrategyFile:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Refusal(
            "bad_yaml",
            _("El archivo no es YAML válido (línea %s).") % (mark.line + 1 if mark else "?"),
        ) from error
    if not isinstance(data, dict):
        raise Refusal("bad_file", _("El archivo debe empezar por «flows:» con una lista."))
    try:
        strategy = StrategyFile.model_validate(data)
    except ValidationError as error:
        raise Refusal("bad_file", _sentence(error, data)) from error
    for flow in strategy.flows:
        keys = [step.key for step in flow.steps]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice:
            raise Refusal("key_twice", _("El paso «%s» está dos veces en el flujo.") % twice)
    return strategy


_MISTAKES = {
    "missing": gettext_noop("falta"),
    "extra_forbidden": gettext_noop("no existe; bórrelo"),
    "string_pattern_mismatch": gettext_noop("no admite ese valor"),
    "string_too_long": gettext_noop("es demasiado largo"),
    "string_too_short": gettext_noop("está vacío"),
    "too_short": gettext_noop("está vacío"),
    "int_parsing": gettext_noop("debe ser un número entero"),
    "int_type": gettext_noop("debe ser un número entero"),
    "string_type": gettext_noop("debe ser un texto"),
    "time_parsing": gettext_noop('debe ser una hora como "09:00"'),
    "time_type": gettext_noop('debe ser una hora como "09:00", entre comillas'),
    "greater_than_equal": gettext_noop("está fuera de rango"),
    "less_than_equal": gettext_noop("está fuera de rango"),
}


def _sentence(error: ValidationError, data: dict[str, Any]) -> str:
    """The first mistake: which step, which field, what to do."""
    first = error.errors()[0]
    place = list(first["loc"])
    field = ".".join(str(part) for part in place if isinstance(part, str) and part not in _LISTS)
    mistake = _(_MISTAKES.get(first["type"], first["msg"]))
    where = _step_at(data, place)
    if where:
        return _("Paso «%(step)s»: el campo «%(field)s» %(mistake)s.") % {
            "step": where,
            "field": field,
            "mistake": mistake,
        }
    return _("El campo «%(field)s» %(mistake)s.") % {"field": field or place[0], "mistake": mistake}


_LISTS = ("flows", "steps")


def _step_at(data: dict[str, Any], place: list[int | str]) -> str:
    """The key of the step that ``place`` lies in, or its number when it has none."""
    match place:
        case ["flows", int() as flow, "steps", int() as number, *_rest]:
            step = data["flows"][flow]["steps"][number]
            key = step.get("key") if isinstance(step, dict) else None
            return str(key or number + 1)
    return ""


def _load_flow(wanted: FlowFile, *, by: User | None, at: datetime) -> Flow:
    portfolio = _portfolio(wanted)
    flow = strategies.save(
        Flow.objects.filter(name=wanted.name).first(),
        name=wanted.name,
        portfolio=portfolio,
        is_active=wanted.is_active,
        by=by,
        at=at,
    )
    for step in wanted.steps:
        _load_step(flow, step, by=by, at=at)
    kept = [step.key for step in wanted.steps]
    for gone in Step.objects.filter(flow=flow, is_active=True).exclude(key__in=kept):
        strategies.retire_step(gone, by=by, at=at)
    return flow


def _portfolio(wanted: FlowFile) -> Portfolio | None:
    if wanted.portfolio is None:
        return None
    found = Portfolio.objects.filter(code=wanted.portfolio).first()
    if found is None:
        raise Refusal(
            "no_portfolio",
            _("Flujo «%(flow)s»: no hay una cartera con el código «%(code)s».")
            % {"flow": wanted.name, "code": wanted.portfolio},
        )
    return found


def _load_step(flow: Flow, wanted: StepFile, *, by: User | None, at: datetime) -> None:
    try:
        template = _load_template(wanted, by=by, at=at)
        strategies.save_step(
            flow,
            key=wanted.key,
            name=wanted.name,
            offset_days=wanted.offset_days,
            channel=wanted.channel,
            template=template,
            hour=wanted.hour,
            recipient=wanted.recipient,
            by=by,
            at=at,
        )
    except Refusal as refusal:
        raise Refusal(
            refusal.code,
            _("Paso «%(step)s»: %(sentence)s") % {"step": wanted.key, "sentence": refusal.sentence},
            field=refusal.field,
        ) from refusal


def _load_template(wanted: StepFile, *, by: User | None, at: datetime) -> MessageTemplate:
    known = MessageTemplate.objects.filter(name=wanted.template.name).first()
    body = wanted.template.body.strip()
    same = known and (known.channel, known.subject, known.body, known.html_source) == (
        wanted.channel,
        wanted.template.subject,
        body,
        wanted.template.html.strip(),
    )
    if known and same and known.is_active:
        return known
    return message_templates.save(
        known,
        name=wanted.template.name,
        channel=wanted.channel,
        subject=wanted.template.subject,
        body=body,
        html=wanted.template.html,
        by=by,
        at=at,
    )


def _dumped(flow: Flow) -> dict[str, Any]:
    return {
        "name": flow.name,
        "portfolio": flow.portfolio.code if flow.portfolio else None,
        "is_active": flow.is_active,
        "steps": [_dumped_step(step) for step in flow.steps.all() if step.is_active],
    }


def _dumped_step(step: Step) -> dict[str, Any]:
    return {
        "key": step.key,
        "name": step.name,
        "offset_days": step.offset_days,
        "channel": step.channel,
        "hour": f"{step.hour:%H:%M}",
        "recipient": step.recipient,
        "template": _dumped_template(step.template),
    }


def _dumped_template(template: MessageTemplate) -> dict[str, str]:
    dumped = {"name": template.name, "subject": template.subject, "body": template.body}
    return dumped | ({"html": template.html_source} if template.html_source else {})
