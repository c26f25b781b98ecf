from django.utils import translation
from django.utils.translation import gettext_lazy

from acuerdo.spreadsheets.sheet import labelled


def test_words_of_a_file_do_not_follow_whoever_asks_for_it_first() -> None:
    with translation.override("en"):
        words = labelled("status", [("open", gettext_lazy("Abierta"))])
    assert [case.result.value for case in words.cases] == ["Abierta"]
