import pytest

from acuerdo.customers import documents
from acuerdo.primitives.refusals import Refusal


@pytest.mark.parametrize(
    "spellings",
    [
        ("12.345.678-5", "12345678-5", " 12345678 5 "),
        ("20-12345678-6", "20123456786"),
        ("gode561231gr8", "GODE 561231 GR8"),
        ("Código 7/á", "CODIGO7A"),
    ],
)
def test_every_spelling_has_one_key(spellings: tuple[str, ...]) -> None:
    assert len({documents.key(text) for text in spellings}) == 1


@pytest.mark.parametrize(
    ("country", "kind", "number"),
    [
        ("CL", "RUT", "12.531.909-2"),
        ("CO", "NIT", "213.123.432-1"),
        ("CO", "CC", "1.020.304.050"),
        ("MX", "RFC", "GODE 561231 GR8"),
        ("MX", "curp", "BOXW310820HNERXN09"),
        ("PE", "RUC", "20512333797"),
        ("PE", "DNI", "01234567"),
        ("AR", "CUIT", "20-05536168-2"),
        ("AR", "DNI", "20.123.456"),
        ("BR", "CPF", "390.533.447-05"),
        ("BR", "CNPJ", "16.727.230/0001-97"),
        ("EC", "Cédula", "171430710-3"),
        ("EC", "RUC", "1792060346-001"),
        ("PE", "OTROS", "cualquier cosa 1"),
        ("CL", "CODIGO", "0001-A"),
        ("SV", "DUI", "00016297-5"),
    ],
)
def test_a_true_document_passes(country: str, kind: str, number: str) -> None:
    documents.check(kind, number, country)


@pytest.mark.parametrize(
    ("country", "kind", "number", "words"),
    [
        ("CL", "RUT", "12.531.909-3", "dígito verificador"),
        ("CO", "NIT", "213.123.432-2", "dígito verificador"),
        ("CO", "CC", "12", "Sobran o faltan"),
        ("MX", "RFC", "GODE561331GR8", "no corresponden"),
        ("PE", "RUC", "20512333798", "dígito verificador"),
        ("PE", "DNI", "1234567", "Sobran o faltan"),
        ("PE", "DNI", "1234567X", "no corresponden"),
        ("AR", "CUIT", "20-05536168-3", "dígito verificador"),
        ("BR", "CPF", "390.533.447-06", "dígito verificador"),
        ("BR", "CNPJ", "16.727.230/0001-98", "dígito verificador"),
        ("EC", "CEDULA", "171430710-4", "dígito verificador"),
        ("EC", "RUC", "1792060347-001", "dígito verificador"),
    ],
)
def test_a_wrong_document_is_refused_with_the_remedy(
    country: str, kind: str, number: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        documents.check(kind, number, country)
    assert words in refused.value.sentence
    assert number in refused.value.sentence
    assert "OTROS" in refused.value.sentence
    assert refused.value.field == "document_number"


@pytest.mark.parametrize(
    ("kind", "number", "field"),
    [
        ("", "123", "document_type"),
        ("X" * 21, "123", "document_type"),
        ("OTROS", " - ", "document_number"),
        ("OTROS", "9" * 41, "document_number"),
    ],
)
def test_what_is_missing_or_too_long_is_named(kind: str, number: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        documents.check(kind, number, "PE")
    assert refused.value.field == field
