"""What somebody types about a segment."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from acuerdo.customers import segment_variables
from acuerdo.customers.models import CustomField
from acuerdo.customers.segment_rules import ALL, ANY, TESTS, WITHOUT_VALUE, FieldTest, Rule

# Conditions on custom fields that one segment may have.
FIELDS = 3


class SegmentForm(forms.Form):
    name = forms.CharField(label=_("Nombre"), max_length=60)
    join = forms.ChoiceField(
        label=_("Entra quien cumple"),
        choices=[(ALL, _("Todas las condiciones")), (ANY, _("Al menos una condición"))],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # as they are given
        for key, variable in segment_variables.found().items():
            options = [(value, str(label)) for value, label in variable.options()]
            self.fields[key] = (
                forms.MultipleChoiceField(
                    label=str(variable.label),
                    choices=options,
                    required=False,
                    widget=forms.CheckboxSelectMultiple,
                )
                if variable.is_many
                else forms.ChoiceField(
                    label=str(variable.label),
                    choices=[("", _("No importa")), *options],
                    required=False,
                )
            )
        self._add_fields()

    def _add_fields(self) -> None:
        own = CustomField.objects.filter(level="customer").values_list("key", "label")
        keys = [("", _("Ninguno")), *own]
        for number in range(FIELDS):
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
        return [self[key] for key in ("name", "join", *segment_variables.found())]

    @property
    def custom(self) -> list[list[BoundField]]:
        """The rows of a custom field, its test and a value."""
        return [
            [self[f"{part}_{number}"] for part in ("field", "test", "value")]
            for number in range(FIELDS)
        ]

    @property
    def rule(self) -> Rule:
        given = self.cleaned_data
        chosen = [(key, given[key]) for key in segment_variables.found() if given[key]]
        return Rule(
            join=given["join"],
            chosen=tuple(
                (key, (value,) if isinstance(value, str) else tuple(value)) for key, value in chosen
            ),
            fields=tuple(
                self._test(number) for number in range(FIELDS) if given[f"field_{number}"]
            ),
        )

    def _test(self, number: int) -> FieldTest:
        given = self.cleaned_data
        test = given[f"test_{number}"]
        value = "" if test in WITHOUT_VALUE else given[f"value_{number}"].strip()
        return FieldTest(given[f"field_{number}"], test, value)


def initial_of(name: str, rule: Rule) -> dict[str, Any]:
    """The form filled with what is stored."""
    many = {key for key, each in segment_variables.found().items() if each.is_many}
    found: dict[str, Any] = {"name": name, "join": rule.join}
    found |= {key: list(values) if key in many else values[0] for key, values in rule.chosen}
    for number, each in enumerate(rule.fields):
        found |= {
            f"field_{number}": each.key,
            f"test_{number}": each.test,
            f"value_{number}": each.value,
        }
    return found
