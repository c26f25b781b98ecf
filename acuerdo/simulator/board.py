"""What the simulator's screen shows: a phone, the provider's controls, the top of the inbox."""

from typing import Any

from django.http import QueryDict

from acuerdo.conversations.models import Conversation
from acuerdo.customers import access as customer_access
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.simulator import forms, gateway, phones, wires
from acuerdo.simulator.lines import wire
from acuerdo.simulator.phones import CHANNELS, Phone
from acuerdo.ui import filtering

NOTICES = 8


def shown(user: User, query: QueryDict) -> dict[str, Any]:
    search = filtering.text(query, "q")
    recent, people = list(phones.recent(user)), list(phones.found(user, search))
    known = [_asked_for(user, query), *(row.customer for row in recent), *people]
    chosen = next(filter(None, known), None)
    phone = phones.phone(chosen, _channel(query, recent)) if chosen else None
    return {
        "phone": phone,
        "recent": recent,
        "people": people if search else [],
        "search": search,
        "now": clock.now(),
        "channels": CHANNELS,
        "stranger": forms.StrangerForm(auto_id="stranger_%s"),
        **_provider(phone),
    }


def _asked_for(user: User, query: QueryDict) -> Customer | None:
    pk = filtering.number(query, "cliente")
    return customer_access.customers_for(user).filter(pk=pk).first() if pk else None


def _channel(query: QueryDict, recent: list[Conversation]) -> str:
    """The one that was asked for, else that of the message on top of the inbox."""
    told = filtering.choice(query, "canal", dict(CHANNELS))
    latest = recent[0].last_channel if recent and "cliente" not in query else ""
    return told or (latest if latest in dict(CHANNELS) else "whatsapp")


def _provider(phone: Phone | None) -> dict[str, Any]:
    """What the provider says of this line; nothing of it while the provider is not there."""
    nothing: dict[str, Any] = {
        "bubbles": [],
        "notices": [],
        "last": None,
        "manners": None,
        "fault": "",
    }
    if phone is None or phone.account is None:
        return nothing
    account = phone.account
    try:
        bubbles = gateway.thread(account, phone.addresses) if phone.addresses else []
        manners, notices = gateway.manners(account), gateway.posted(account)
    except Refusal as refusal:
        return nothing | {"fault": refusal.sentence}
    return {
        "bubbles": bubbles,
        "fault": "",
        "last": next((bubble for bubble in reversed(bubbles) if bubble.is_ours), None),
        "notices": notices[:NOTICES],
        "manners": forms.MannersForm(
            account, initial=forms.as_chosen(manners), auto_id="manners_%s"
        ),
        "statuses": [each for each in forms.STATUSES if _comes(each[0], phone)],
        "failures": forms.failures(account),
    }


def _comes(status: str, phone: Phone) -> bool:
    """Whether this line's provider ever says so."""
    told = wires.WIRES[wire(phone.account)].TELLS if phone.account else ()
    return status in (*told, "failed")
