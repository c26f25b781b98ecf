"""What providers tell beside messages and statuses: of the account, and of who wants no more."""

from datetime import datetime

from django.utils.translation import gettext as _

from acuerdo.channels import accounts, provider_templates
from acuerdo.channels.adapter import AccountNotice, Notice, OptOutNotice
from acuerdo.channels.models import ChannelAccount
from acuerdo.contact_policy import opt_outs
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations import references
from acuerdo.conversations.models import Message
from acuerdo.conversations.sending import holding
from acuerdo.customers import contact_points
from acuerdo.customers.models import Customer


def heed(account: ChannelAccount, notice: Notice, *, at: datetime) -> None:
    """``at`` is when the provider told it. The same notice again changes nothing."""
    if isinstance(notice, OptOutNotice):
        _wish(account, notice, at=at)
    elif isinstance(notice, AccountNotice):
        _news(account, notice, at=at)


def _wish(account: ChannelAccount, notice: OptOutNotice, *, at: datetime) -> None:
    """Whoever of them it was, that address asked. What is older than their last word is not."""
    owners, source = _askers(account, notice)
    for owner in owners:
        last = (
            OptOut.objects.filter(customer=owner, channel=account.channel).order_by("-at").first()
        )
        if last and max(last.at, last.lifted_at or last.at) >= at:
            continue
        if not notice.is_back:
            opt_outs.record(owner, channel=account.channel, source=source, by=None, at=at)
        elif last and last.lifted_at is None and last.by_id is None:
            opt_outs.lift(last, by=None, at=at)


def _askers(account: ChannelAccount, notice: OptOutNotice) -> tuple[list[Customer], str]:
    """Who asked, and how. The signed name of a message of ours says it better than an address."""
    named = references.read(notice.detail)
    message = Message.objects.filter(pk=named).select_related("interaction__customer").first()
    if message:
        return [message.interaction.customer], str(_("Baja pedida por correo"))
    owners = contact_points.find_owners(account.channel, notice.sender)
    return owners, notice.detail or str(account)


def _news(account: ChannelAccount, notice: AccountNotice, *, at: datetime) -> None:
    if notice.kind == "stopped":
        reason = f"{notice.value} {notice.detail}".strip()
        accounts.stop(account, reason=reason, told_at=at)
    elif notice.kind == "template" or (notice.kind == "quality" and notice.name):
        provider_templates.heed(account, notice, at=at)
        holding.release(account)
    elif notice.kind == "limit":
        accounts.limit_recipients(account, notice.value, told_at=at)
    elif notice.kind == "quality":
        accounts.judge(account, quality=notice.value, told_at=at)
        holding.release(account)
