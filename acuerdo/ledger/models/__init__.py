"""Tables of the ledger. ``Entry`` is reached by its own module, only from ``ledger.entries``."""

from acuerdo.ledger.models import entry as entry
from acuerdo.ledger.models.claim import CLAIM_MOVES, Claim, ClaimCategory, ClaimStatus
from acuerdo.ledger.models.debt import DEBT_MOVES, Debt, DebtStatus
from acuerdo.ledger.models.pay_page import PayPage
from acuerdo.ledger.models.payment import (
    PAYMENT_MOVES,
    REPORT_MOVES,
    Payment,
    PaymentReport,
    PaymentStatus,
    ReportStatus,
)
from acuerdo.ledger.models.promise import PROMISE_MOVES, Promise, PromiseStatus

__all__ = [
    "CLAIM_MOVES",
    "DEBT_MOVES",
    "PAYMENT_MOVES",
    "PROMISE_MOVES",
    "REPORT_MOVES",
    "Claim",
    "ClaimCategory",
    "ClaimStatus",
    "Debt",
    "DebtStatus",
    "PayPage",
    "Payment",
    "PaymentReport",
    "PaymentStatus",
    "Promise",
    "PromiseStatus",
    "ReportStatus",
]
