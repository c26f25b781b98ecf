"""What providers tell beside messages and statuses: of the account, and of who wants no more."""

from datetime import datetime

from acuerdo.channels import accounts, provider_templates
from acuerdo.channels.adapter import AccountNotice, Notice, OptOutNotice
from acuerdo.channels.models import ChannelAccount
from acuerdo.contact_policy import opt_outs
from acuerdo.contact_policy.models import OptOut
from acuerdo.conversations import holding
from acuerdo.customers import contact_points


def heed(account: ChannelAccount, notice: Notice, *, at: datetime) -> None:
    """The same notice again changes nothing."""
    if isinstance(notice, OptOutNotice):
        _wish(account, notice, at=at)
    elif isinstance(notice, AccountNotice):
        _news(account, notice, at=at)


def _wish(account: ChannelAccount, notice: OptOutNotice, *, at: datetime) -> None:
    """Whoever of them it was, that address asked. What is older than their last word is not."""
    moment = min(notice.at or at, at)
    for owner in contact_points.find_owners(account.channel, notice.sender):
        source = notice.detail or str(account)
        last = (
            OptOut.objects.filter(customer=owner, channel=account.channel).order_by("-at").first()
        )
        if last and max(last.at, last.lifted_at or last.at) >= moment:
            continue
        if not notice.is_back:
            opt_outs.record(owner, channel=account.channel, source=source, by=None, at=moment)
        elif last and last.lifted_at is None and last.by_id is None:
            opt_outs.lift(last, by=None, at=moment)


def _news(account: ChannelAccount, notice: AccountNotice, *, at: datetime) -> None:
    if notice.kind == "stopped":
        accounts.stop(account, reason=f"{notice.value} {notice.detail}".strip())
    elif notice.kind == "template" or (notice.kind == "quality" and notice.name):
        provider_templates.heed(account, notice, at=at)
        holding.release(account)
    elif notice.kind == "quality":
        accounts.judge(account, quality=notice.value)
        holding.release(account)
