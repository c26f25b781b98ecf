"""The rule of a segment: conditions on a customer, of which all or any must hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Case, DecimalField, Q, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Lower, Replace, Trim
from django.db.models.lookups import Exact, GreaterThan, LessThan, Regex
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.customers import segment_variables
from acuerdo.customers.models import CustomField
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui.filtering import Words

ALL, ANY = "all", "any"
# A number as a file brings it, with a point or a comma before the decimals and nothing else.
NUMBER = r"^\s*-?[0-9]{1,15}([.,][0-9]{1,6})?\s*$"
TESTS: dict[str, Words] = {
    "is": gettext_lazy("es igual a"),
    "is_not": gettext_lazy("es distinto de"),
    "more": gettext_lazy("es mayor que"),
    "less": gettext_lazy("es menor que"),
    "filled": gettext_lazy("tiene un valor"),
    "empty": gettext_lazy("está vacío"),
}
COMPARING = ("more", "less")
WITHOUT_VALUE = ("filled", "empty")


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A custom field of customers put to the test. Texts are compared without case."""

    key: str
    test: str
    value: str = ""

    def condition(self) -> Q:
        text = Trim(KeyTextTransform(self.key, "custom"))
        if self.test in COMPARING:
            return self._compared(text)
        if self.test == "filled":
            return Q(Regex(text, Value(".")))
        if self.test == "empty":
            return ~Q(Regex(_known(text), Value(".")))
        same = Q(Exact(Lower(_known(text)), Value(self.value.lower())))
        return same if self.test == "is" else ~same

    def _compared(self, text: Trim) -> Q:
        """Never true of what is no number; the cast waits behind the question whether it is."""
        number = Case(
            When(Regex(text, Value(NUMBER)), then=Cast(_pointed(text), _DECIMAL)),
            output_field=_DECIMAL,
        )
        bound = Value(Decimal(self.value.replace(",", ".")), output_field=_DECIMAL)
        compare = GreaterThan if self.test == "more" else LessThan
        return Q(compare(number, bound))


_DECIMAL: "DecimalField[Any, Any]" = DecimalField(max_digits=21, decimal_places=6)


def _known(text: Trim) -> Any:
    """A customer without the field has it empty: SQL's unknown is neither true nor false."""
    return Case(When(Q(Regex(text, Value(""))), then=text), default=Value(""), output_field=_TEXT)


_TEXT: "TextField[Any, Any]" = TextField()


def _pointed(text: Trim) -> Replace:
    return Replace(text, Value(","), Value("."))


@dataclass(frozen=True, slots=True)
class Rule:
    """``chosen`` are variables with the values that fit."""

    join: str = ALL
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fields: tuple[FieldTest, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Rule":
        return cls(
            join=ANY if stored.get("join") == ANY else ALL,
            chosen=tuple((key, tuple(values)) for key, values in stored.get("chosen", [])),
            fields=tuple(FieldTest(*parts) for parts in stored.get("fields", [])),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "join": self.join,
            "chosen": [[key, list(values)] for key, values in self.chosen],
            "fields": [[each.key, each.test, each.value] for each in self.fields],
        }

    def check(self) -> None:
        """Refuses a rule that says nothing, or that nobody could judge."""
        if not self.chosen and not self.fields:
            sentence = _("Elija al menos una condición: sin ninguna entrarían todos los clientes.")
            raise Refusal("empty_rule", sentence)
        known = set(CustomField.objects.filter(level="customer").values_list("key", flat=True))
        for each in self.fields:
            if each.key not in known or each.test not in TESTS:
                raise Refusal("no_field", _("Elija un campo propio de la lista."))
            if each.test in COMPARING and not re.fullmatch(NUMBER, each.value):
                sentence = _("«%s» no es un número. Escríbalo sin puntos de miles, como 1500.50.")
                raise Refusal("no_number", sentence % each.value)

    def condition(self) -> Q:
        """What an app that is gone asked for is nobody's; a rule of nothing fits nobody."""
        found = list(self._conditions())
        return reduce(or_ if self.join == ANY else and_, found) if found else NOBODY

    def _conditions(self) -> Iterator[Q]:
        variables = segment_variables.found()
        for key, values in self.chosen:
            yield variables[key].condition(values) if key in variables else NOBODY
        for each in self.fields:
            yield each.condition()


NOBODY = Q(pk__in=[])


def words(rule: Rule, labels: Mapping[str, str]) -> list[str]:
    """Each condition as a person reads it; ``labels`` are those of the custom fields."""
    told = []
    for key, values in rule.chosen:
        variable = segment_variables.found().get(key)
        names = dict(variable.options()) if variable else {}
        label = variable.label if variable else key
        told.append(f"{label}: {', '.join(str(names.get(each, each)) for each in values)}")
    for each in rule.fields:
        label = labels.get(each.key, each.key)
        told.append(" ".join(f"{label} {TESTS[each.test]} {each.value}".split()))
    return told
