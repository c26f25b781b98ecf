"""What the form of a customer offers first."""

import pytest

from acuerdo.customers.forms import CustomerForm
from acuerdo.organization.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("country", "first"),
    [("CL", "RUT"), ("MX", "RFC"), ("PE", "DNI"), ("UY", "PASAPORTE")],
)
def test_the_documents_of_the_country_come_first(
    supervisor: User, country: str, first: str
) -> None:
    form = CustomerForm(user=supervisor, initial={"country": country})
    html = str(form["document_type"])
    own, others = html.split("<optgroup")
    assert f'value="{first}"' in own.split("<option", 2)[1]
    assert ('value="CURP"' in own, 'value="CURP"' in others) == (country == "MX", country != "MX")


def test_a_document_of_another_country_is_taken(supervisor: User) -> None:
    told = {"document_type": "CURP", "country": "PE"}
    form = CustomerForm(told, user=supervisor, initial={"country": "PE"})
    assert "document_type" not in form.errors
