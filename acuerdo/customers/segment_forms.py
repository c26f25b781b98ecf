"""What somebody types about a segment."""

from collections.abc import Container, Iterable
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from acuerdo.customers import segment_variables
from acuerdo.customers.segment_rules import ALL, ANY, TESTS, WITHOUT_VALUE, FieldTest, Rule, known
from acuerdo.ui.filtering import Words

# Conditions on custom fields that a new segment may have.
FIELDS = 3


class SegmentForm(forms.Form):
    name = forms.CharField(label=_("Nombre"), max_length=60)
    join = forms.ChoiceField(
        label=_("Entra quien cumple"),
        choices=[(ALL, _("Todas las condiciones")), (ANY, _("Al menos una condición"))],
    )

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        """``rule`` is what is stored: what it names stays to be seen, and taken out, even when gone."""
        super().__init__(*args, **kwargs)
        named, chosen = known(), dict(rule.chosen)
        self.variables = list(dict.fromkeys([*named.values, *chosen]))
        for key in self.variables:
            options = named.values.get(key, {})
            self.fields[key] = _variable(
                key, [*options.items(), *_gone(chosen.get(key, ()), options)]
            )
        self.rows = range(max(FIELDS, len(rule.fields)))
        lost = _gone([each.key for each in rule.fields], named.fields)
        self._add_fields([("", _("Ninguno")), *named.fields.items(), *lost])

    def _add_fields(self, keys: list[tuple[str, Words]]) -> None:
        for number in self.rows:
            self.fields[f"field_{number}"] = forms.ChoiceField(
                label=_("Campo propio"), choices=keys, required=False
            )
            self.fields[f"test_{number}"] = forms.ChoiceField(
                label=_("Condición"), choices=TESTS.items(), required=False
            )
            self.fields[f"value_{number}"] = forms.CharField(
                label=_("Valor"), max_length=100, required=False
            )

    @property
    def plain(self) -> list[BoundField]:
        return [self[key] for key in ("name", "join", *self.variables)]

    @property
    def custom(self) -> list[list[BoundField]]:
        """The rows of a custom field, its test and a value."""
        return [
            [self[f"{part}_{number}"] for part in ("field", "test", "value")]
            for number in self.rows
        ]

    @property
    def rule(self) -> Rule:
        given = self.cleaned_data
        chosen = [(key, given[key]) for key in self.variables if given[key]]
        return Rule(
            join=given["join"],
            chosen=tuple(
                (key, (value,) if isinstance(value, str) else tuple(value)) for key, value in chosen
            ),
            fields=tuple(self._test(number) for number in self.rows if given[f"field_{number}"]),
        )

    def _test(self, number: int) -> FieldTest:
        given = self.cleaned_data
        test = given[f"test_{number}"]
        value = "" if test in WITHOUT_VALUE else given[f"value_{number}"].strip()
        return FieldTest(given[f"field_{number}"], test, value)


def _variable(key: str, options: list[tuple[str, Words]]) -> forms.ChoiceField:
    variable = segment_variables.found().get(key)
    label = str(variable.label) if variable else key
    if variable is None or variable.is_many:
        many = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(label=label, choices=options, required=False, widget=many)
    return forms.ChoiceField(label=label, choices=[("", _("No importa")), *options], required=False)


def _gone(named: Iterable[str], options: Container[str]) -> list[tuple[str, Words]]:
    return [(each, _("«%s» (ya no existe)") % each) for each in named if each not in options]


def initial_of(name: str, rule: Rule) -> dict[str, Any]:
    """The form filled with what is stored."""
    one = {key for key, each in segment_variables.found().items() if not each.is_many}
    found: dict[str, Any] = {"name": name, "join": rule.join}
    found |= {key: values[0] if key in one else list(values) for key, values in rule.chosen}
    for number, each in enumerate(rule.fields):
        found |= {
            f"field_{number}": each.key,
            f"test_{number}": each.test,
            f"value_{number}": each.value,
        }
    return found
