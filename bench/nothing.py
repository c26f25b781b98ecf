"""A channel that takes everything at once and does nothing: what is left is our own cost."""

from acuerdo.channels.adapter import Delivery, Notice, Outcome, Parcel, Result
from acuerdo.channels.models import ChannelAccount


class Nothing:
    is_rehearsal = True
    needs = ()
    concurrency = 1
    patience = 1

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        del account
        return Result(Outcome.ACCEPTED, provider_id=parcel.token)

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        del account, delivery
        return False

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        del account, delivery
        return []


ADAPTER = Nothing()
