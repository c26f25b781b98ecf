"""What a provider says became of one message of ours, and the name that it says it by."""

from dataclasses import dataclass
from datetime import datetime

from acuerdo.channels.adapter import StatusChange

# The account, our token and the provider's id: one of the last two may be empty.
Name = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class News:
    account_id: int
    change: StatusChange
    at: datetime

    @property
    def name(self) -> Name:
        return self.account_id, self.change.token, self.change.provider_id
