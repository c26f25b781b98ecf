"""Values of an address read without failing; each one that means nothing leaves a word."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from acuerdo.ui import filtering
from acuerdo.ui.filtering import Words

LARGEST_AMOUNT = Decimal(10) ** 15
MOST_DAYS = 36_500
LONGEST_SHOWN = 40


@dataclass(slots=True)
class Reading:
    """``faults`` says in words what was left out and why."""

    params: Mapping[str, str]
    labels: Mapping[str, Words]
    faults: list[str] = field(default_factory=list)

    def choice(self, key: str, allowed: Container[str]) -> str:
        value = self._given(key)
        return value if not value or value in allowed else self.wrong(key, value)

    def number(self, key: str) -> int | None:
        found = filtering.number(self.params, key)
        if found is None and (value := self._given(key)):
            self.wrong(key, value)
        return found

    def days(self, key: str) -> int | None:
        found = self.number(key)
        if found is not None and found > MOST_DAYS:
            self.wrong(key, str(found))
            return None
        return found

    def day(self, key: str) -> date | None:
        found = filtering.day(self.params, key)
        if found is None and (value := self._given(key)):
            self.wrong(key, value)
        return found

    def amount(self, key: str) -> Decimal | None:
        """As people write it: 1,250.50 and 1.250,50 are the same."""
        value = self._given(key)
        if not value:
            return None
        try:
            found = Decimal(_plain(value))
        except InvalidOperation:
            found = Decimal(-1)
        if found.is_finite() and 0 <= found < LARGEST_AMOUNT:
            return found.quantize(Decimal("0.01"))
        self.wrong(key, value)
        return None

    def ordered(self, low: str, high: str, *, are: bool) -> bool:
        """``are``: the two bounds are the right way round. A word where they are not."""
        if not are:
            self.faults.append(
                _("«%(low)s» es mayor que «%(high)s»: ese filtro no se aplicó.")
                % {"low": self.labels[low], "high": self.labels[high]}
            )
        return are

    def _given(self, key: str) -> str:
        return filtering.text(self.params, key, longest=100)

    def wrong(self, key: str, value: str) -> str:
        self.faults.append(
            _("«%(value)s» no vale para «%(label)s»; se dejó fuera.")
            % {"value": value[:LONGEST_SHOWN], "label": self.labels[key]}
        )
        return ""


def _plain(text: str) -> str:
    text = text.replace(" ", "")
    if "," in text and "." in text:
        text = text.replace("," if text.rfind(",") < text.rfind(".") else ".", "")
    mark = "," if "," in text else "."
    # Money has no three decimals: what stands before three digits parts the thousands.
    is_thousands = all(len(group) == 3 for group in text.split(mark)[1:])
    return text.replace(mark, "" if is_thousands else ".")
