"""Identity documents: the key that makes two spellings one, and the check of each country."""

import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext as _
from stdnum import exceptions
from stdnum.ar import cuit
from stdnum.ar import dni as dni_ar
from stdnum.br import cnpj, cpf
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.ec import ci
from stdnum.ec import ruc as ruc_ec
from stdnum.mx import curp, rfc
from stdnum.pe import ruc as ruc_pe

from acuerdo.primitives.refusals import Refusal

MAX_TYPE = 20
MAX_NUMBER = 40

# What the screens and the import sheets offer first, by country. "OTROS" and "CODIGO"
# (the creditor's own number) are offered everywhere.
TYPES_BY_COUNTRY: dict[str, tuple[str, ...]] = {
    "AR": ("DNI", "CUIT", "CUIL"),
    "BR": ("CPF", "CNPJ"),
    "CL": ("RUT",),
    "CO": ("CC", "NIT", "CE"),
    "EC": ("CEDULA", "RUC"),
    "MX": ("RFC", "CURP"),
    "PE": ("DNI", "RUC", "CE"),
}
ANYWHERE = ("PASAPORTE", "CODIGO", "OTROS")


def key(number: str) -> str:
    """``number`` in capitals without accents, signs and spaces; what uniqueness is judged by."""
    if number.isascii() and number.isalnum():
        # What nearly every row of a file is.
        return number.upper()
    plain = unicodedata.normalize("NFKD", number).upper()
    return "".join(char for char in plain if char.isascii() and char.isalnum())


def type_key(document_type: str) -> str:
    """The stored form of a document type: «Cédula» and «CEDULA» are one type."""
    return key(document_type)


def check(document_type: str, number: str, country: str) -> None:
    """Raise Refusal when ``number`` cannot be a document of this type in ``country``.

    A type without a rule in that country passes: an internal code is a lawful identifier.
    """
    kind = type_key(document_type)
    if not kind or len(kind) > MAX_TYPE:
        raise _refusal(_("Indique el tipo de documento, por ejemplo RUT, DNI u OTROS."), "type")
    if not key(number) or len(number.strip()) > MAX_NUMBER:
        raise _refusal(_("Indique el número de documento, con hasta 40 caracteres."), "number")
    rule = _RULES.get((country.upper(), kind))
    if rule is None:
        return
    try:
        rule(key(number))
    except exceptions.InvalidLength:
        raise _wrong(kind, number, _("Sobran o faltan dígitos.")) from None
    except exceptions.InvalidChecksum:
        raise _wrong(kind, number, _("El dígito verificador no corresponde.")) from None
    except exceptions.ValidationError:
        raise _wrong(kind, number, _("Tiene caracteres o partes que no corresponden.")) from None


def _wrong(kind: str, number: str, what: str) -> Refusal:
    sentence = _(
        "«%(number)s» no es un %(kind)s válido. %(what)s "
        "Corríjalo, o use el tipo OTROS si es un código interno."
    )
    return _refusal(sentence % {"number": number, "kind": kind, "what": what}, "number")


def _refusal(sentence: str, part: str) -> Refusal:
    return Refusal("bad_document", sentence, field=f"document_{part}")


def _dni_pe(number: str) -> None:
    if not number.isdigit():
        raise exceptions.InvalidFormat
    if len(number) != 8:
        raise exceptions.InvalidLength


def _digits_co(number: str) -> None:
    """A Colombian cédula carries no check digit: from 3 to 10 digits."""
    if not number.isdigit():
        raise exceptions.InvalidFormat
    if not 3 <= len(number) <= 10:
        raise exceptions.InvalidLength


_RULES: dict[tuple[str, str], Callable[[str], object]] = {
    ("AR", "CUIL"): cuit.validate,
    ("AR", "CUIT"): cuit.validate,
    ("AR", "DNI"): dni_ar.validate,
    ("BR", "CNPJ"): cnpj.validate,
    ("BR", "CPF"): cpf.validate,
    ("CL", "RUT"): rut.validate,
    ("CO", "CC"): _digits_co,
    ("CO", "NIT"): nit.validate,
    ("EC", "CEDULA"): ci.validate,
    ("EC", "RUC"): ruc_ec.validate,
    ("MX", "CURP"): curp.validate,
    ("MX", "RFC"): rfc.validate,
    ("PE", "DNI"): _dni_pe,
    ("PE", "RUC"): ruc_pe.validate,
}
