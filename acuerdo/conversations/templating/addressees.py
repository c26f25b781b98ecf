"""For whom a template is written: one portfolio or all, one language or any."""

from dataclasses import dataclass

from django.db.models import Q

from acuerdo.conversations.models import MessageTemplate
from acuerdo.customers.models import Customer
from acuerdo.organization.models import Portfolio

LANGUAGES = [("es", "Español"), ("en", "English"), ("pt", "Português")]
# What is spoken where nothing else is known of a person; elsewhere it is Spanish.
_OF_COUNTRY = {"BR": "pt", "US": "en", "GB": "en"}
# The key of the custom field by which a file may say another.
FIELD = "idioma"


@dataclass(frozen=True, slots=True)
class Addressees:
    """No portfolio stands for all of them, an empty language for any."""

    portfolio: Portfolio | None = None
    language: str = ""


def language_of(customer: Customer) -> str:
    told = str(customer.custom.get(FIELD, "")).strip().lower()[:2]
    known = {code for code, _name in LANGUAGES}
    return told if told in known else _OF_COUNTRY.get(customer.country, "es")


def fitting(customer: Customer) -> Q:
    """The templates that may be sent to ``customer``."""
    everywhere = Q(portfolio=None) | Q(portfolio_id=customer.portfolio_id)
    return everywhere & Q(language__in=["", language_of(customer)])


def fits(template: MessageTemplate, customer: Customer) -> bool:
    is_theirs = template.portfolio_id in (None, customer.portfolio_id)
    return is_theirs and template.language in ("", language_of(customer))
