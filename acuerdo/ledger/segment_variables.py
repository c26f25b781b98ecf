"""What the rule of a segment may ask of the ledger."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from acuerdo.customers.segment_variables import Values, Variable
from acuerdo.ledger.models import Claim, ClaimStatus


def _has_claim(values: Values) -> Q:
    is_open = Q(Exists(Claim.objects.filter(customer=OuterRef("pk"), status=ClaimStatus.OPEN)))
    return is_open if values == ("open",) else ~is_open


VARIABLES = (
    Variable(
        "claim",
        _("Reclamo"),
        lambda: [("open", _("Tiene uno abierto")), ("none", _("Ninguno abierto"))],
        _has_claim,
    ),
)
