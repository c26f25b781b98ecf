"""Where a second person is asked for, a new key of an account waits for one before it counts.

Nobody confirms a proposal of their own. The key waits sealed, and is forgotten with the answer.
"""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.channels import secrets
from acuerdo.channels.models import ChannelAccount, SecretProposal
from acuerdo.events import log
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal


def are_asked_for() -> bool:
    """Said by whoever runs the server, so that no administrator can lift it alone."""
    return bool(settings.SECOND_PERSON)


def waiting(account: ChannelAccount) -> SecretProposal | None:
    return account.secret_proposals.filter(settled_at=None).select_related("by").first()


def propose(
    account: ChannelAccount, values: Mapping[str, str], *, by: User, at: datetime
) -> SecretProposal:
    """In place of one that waits. Call it where the account is locked."""
    standing = account.secret_proposals.filter(settled_at=None)
    standing.update(settled_at=at, settled_by=by, outcome="replaced", sealed="")
    row: SecretProposal = account.secret_proposals.create(
        sealed=secrets.seal(dict(values)), names=sorted(values), by=by, at=at
    )
    log.record("channel.changed", subject=account, by=by, at=at, change="secret_proposed")
    return row


@transaction.atomic
def confirm(proposal: SecretProposal, *, by: User, at: datetime) -> None:
    """From now on the account uses it; what the provider said of the old one is of the past."""
    locked = ChannelAccount.objects.select_for_update(no_key=True).get(pk=proposal.account_id)
    row = _take(proposal, "confirmed", by=by, at=at)
    if row.by_id == by.pk:
        sentence = _("La confirma otro administrador, no quien la propuso.")
        raise Refusal("own_proposal", sentence, status=403)
    kept = secrets.for_verifying(locked.secrets)
    locked.secrets = secrets.seal(kept | secrets.unseal(row.sealed))
    locked.settled_at = at
    locked.save(update_fields=["secrets", "settled_at"])
    _tell(locked, "secret_confirmed", by=by, at=at)


@transaction.atomic
def discard(proposal: SecretProposal, *, by: User, at: datetime) -> None:
    account = ChannelAccount.objects.select_for_update(no_key=True).get(pk=proposal.account_id)
    _take(proposal, "discarded", by=by, at=at)
    _tell(account, "secret_discarded", by=by, at=at)


def _take(proposal: SecretProposal, outcome: str, *, by: User, at: datetime) -> SecretProposal:
    """As it was; of two people who answer at once the second is told."""
    row = SecretProposal.objects.get(pk=proposal.pk)
    open_one = SecretProposal.objects.filter(pk=proposal.pk, settled_at=None)
    if not open_one.update(settled_at=at, settled_by=by, outcome=outcome, sealed=""):
        raise Refusal("stale_state", _("Esa propuesta ya se resolvió."), status=409)
    return row


def _tell(account: ChannelAccount, change: str, *, by: User, at: datetime) -> None:
    log.record("channel.changed", subject=account, by=by, at=at, change=change)
