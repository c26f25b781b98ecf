"""The rule of a segment: conditions on a customer, of which all or any must hold."""

import re
from collections.abc import Collection, Iterator, Mapping
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
class Known:
    """What rules may name now, in words: the values of each variable, and the custom fields."""

    values: Mapping[str, Mapping[str, str]]
    fields: Mapping[str, str]


def known() -> Known:
    variables = segment_variables.found().values()
    fields = CustomField.objects.filter(level="customer").values_list("key", "label")
    return Known(
        {each.key: {pk: str(label) for pk, label in each.options()} for each in variables},
        dict(fields),
    )


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
        if gone := self.gone(known()):
            sentence = _("Ya no existe: %s. Quítelo de las condiciones o elija otro.")
            raise Refusal("rule_gone", sentence % ", ".join(gone))
        for each in self.fields:
            if each.test not in TESTS:
                raise Refusal("no_test", _("Elija una condición de la lista."))
            if each.test in COMPARING and not re.fullmatch(NUMBER, each.value):
                sentence = _("«%s» no es un número. Escríbalo sin puntos de miles, como 1500.50.")
                raise Refusal("no_number", sentence % each.value)

    def gone(self, known: Known) -> list[str]:
        """What the rule names and is no more, by name."""
        found = []
        for key, values in self.chosen:
            options = known.values.get(key)
            label = key if options is None else segment_variables.found()[key].label
            found += [f"{label} «{value}»" for value in values if value not in (options or ())]
        lost = [each.key for each in self.fields if each.key not in known.fields]
        return found + [_("Campo propio «%s»") % key for key in lost]

    def condition(self, known: Known) -> Q:
        """A rule of nothing fits nobody; nor does one that names what is gone: who fitted it
        cannot be told, and a condition left out would let in everybody."""
        found = [] if self.gone(known) else list(self._conditions())
        return reduce(or_ if self.join == ANY else and_, found) if found else NOBODY

    def _conditions(self) -> Iterator[Q]:
        variables = segment_variables.found()
        for key, values in self.chosen:
            yield variables[key].condition(values)
        for each in self.fields:
            yield each.condition()


NOBODY = Q(pk__in=[])


def words(rule: Rule, known: Known, portfolios: Collection[str] | None) -> list[str]:
    """Each condition as a person reads it who reaches these ``portfolios``; None reaches all."""
    told = []
    for key, values in rule.chosen:
        variable = segment_variables.found().get(key)
        label = variable.label if variable else key
        is_secret = variable and variable.are_portfolios and portfolios is not None
        seen = [each for each in values if not is_secret or each in (portfolios or ())]
        names = [known.values.get(key, {}).get(each, each) for each in seen]
        if len(seen) < len(values):
            names.append(_("otras que usted no ve"))
        told.append(f"{label}: {', '.join(names)}")
    for each in rule.fields:
        label = known.fields.get(each.key, each.key)
        told.append(" ".join(f"{label} {TESTS[each.test]} {each.value}".split()))
    return told
