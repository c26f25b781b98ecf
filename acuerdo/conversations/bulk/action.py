"""What an action on many conversations is made of; ``bulk.actions`` lists them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.customers.models import Customer

# What one customer needs to be taken back; a plain value of JSON.
Trace: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one customer: done, or left alone for a ``reason``."""

    reason: str = ""
    trace: Trace | None = None


Customers: TypeAlias = Mapping[int, Customer]
CarryOut: TypeAlias = Callable[[BulkJob, Customers, datetime], Mapping[int, Settled]]
# Of the customers whose trace is given: those that stay as they are, and why.
TakeBack: TypeAlias = Callable[
    [BulkJob, Customers, Mapping[int, Trace], datetime], Mapping[int, str]
]


@dataclass(frozen=True, slots=True)
class Action:
    """Both functions are called within a transaction, with customers that the author reaches.

    ``related`` are the relations of a customer that they read; ``batch`` how many customers
    they take at once.
    """

    permission: str
    carry_out: CarryOut
    take_back: TakeBack
    batch: int
    related: tuple[str, ...] = ()
