import pytest
from django.test import RequestFactory

from acuerdo.ui import operations


@pytest.mark.parametrize("address", ["-1", "NaN", "x:y", "//far.example/", "https://far.example/"])
def test_only_a_path_of_ours_is_gone_back_to(address: str) -> None:
    request = RequestFactory().post("/", {"next": address})
    assert operations.came_from(request, "interactions:list") == "/interacciones/"


def test_the_way_back_keeps_its_question() -> None:
    request = RequestFactory().post("/", {"next": "/clientes/?q=ana"})
    assert operations.came_from(request, "interactions:list") == "/clientes/?q=ana"
