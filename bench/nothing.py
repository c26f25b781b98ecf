"""A channel that takes everything at once and does nothing: what is left is our own cost."""

from collections.abc import Mapping

from acuerdo.channels.adapter import Notice, Outcome, Parcel, Result
from acuerdo.channels.models import ChannelAccount


class Nothing:
    needs = ()
    concurrency = 1
    patience = 1

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        del account
        return Result(Outcome.ACCEPTED, provider_id=parcel.token)

    def verify(self, account: ChannelAccount, body: bytes, headers: Mapping[str, str]) -> bool:
        del account, body, headers
        return False

    def parse(self, account: ChannelAccount, body: bytes, content_type: str) -> list[Notice]:
        del account, body, content_type
        return []


ADAPTER = Nothing()
