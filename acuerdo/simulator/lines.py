"""The demonstration's lines: accounts of the real adapters, whose provider is the simulator.

What they hold as keys was made up here, and they are asked for nothing at any other address:
``point_all`` moves only those that point at this machine already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from acuerdo.channels import accounts, provider_templates, rates, secrets
from acuerdo.channels.adapter import RemoteTemplate
from acuerdo.channels.models import Channel, ChannelAccount
from acuerdo.organization.models import User
from acuerdo.primitives import clock, signing
from acuerdo.simulator import catalogue, switchboard

# A line of ours says so in its settings.
MARK = "simulator"
THIS_MACHINE = ("127.0.0.1", "localhost")
MAIL_DOMAIN = "sierraazul.example"
PRICES = ((Channel.WHATSAPP, "utility", "0.011"), (Channel.SMS, "segment", "0.023"))
PRICED_SINCE = timedelta(days=90)
LIVELY = {"auto": True, "until": "opened", "pace": 1.5}


@dataclass(frozen=True)
class Kind:
    """How an adapter's provider speaks, and the setting that says where it is."""

    wire: str
    setting: str
    path: str = ""


KINDS = {
    "whatsapp_cloud": Kind("meta", "url"),
    "sms_twilio": Kind("twilio", "base_url"),
    "hosted_mail": Kind("mailgun", "api_url", "/v3"),
    "simulated": Kind("simulated", "url"),
}


def open_all(*, at: datetime) -> dict[str, ChannelAccount]:
    return {
        Channel.WHATSAPP: _open(
            Channel.WHATSAPP,
            "whatsapp_cloud",
            "+51 1 700 0000",
            {"phone_number_id": "100700000000001", "business_account_id": "200700000000001"},
            ("access_token", "app_secret", "verify_token"),
            at=at,
        ),
        Channel.SMS: _open(
            Channel.SMS,
            "sms_twilio",
            "SIERRAAZUL",
            {"account_sid": f"AC{0:032x}"},
            ("auth_token",),
            at=at,
        ),
        Channel.EMAIL: _open(
            Channel.EMAIL,
            "hosted_mail",
            f"cobranzas@{MAIL_DOMAIN}",
            {"service": "mailgun", "sender_domain": MAIL_DOMAIN},
            ("api_key", "signing_key"),
            at=at,
        ),
        Channel.CALL: _open(Channel.CALL, "simulated", "+51 1 700 0001", {}, ("secret",), at=at),
    }


def _open(
    channel: Channel,
    adapter: str,
    sender: str,
    config: dict[str, Any],
    keys: tuple[str, ...],
    *,
    at: datetime,
) -> ChannelAccount:
    told = {key: signing.token() for key in keys}
    if adapter == "hosted_mail":
        told["webhook_secret"] = f"simulador:{signing.token()}"
    return accounts.create(
        name=f"{channel.label} (simulador)",
        channel=channel,
        adapter=adapter,
        sender=sender,
        config=config | {KINDS[adapter].setting: _address(adapter), MARK: True},
        secret_values=told,
        at=at,
    )


def _address(adapter: str) -> str:
    return f"{settings.PROVIDER_URL}{KINDS[adapter].path}"


def approve(account: ChannelAccount, *, at: datetime) -> None:
    """The templates of its provider, copied as the product copies any provider's list."""
    listed = [
        RemoteTemplate(
            name=row["name"],
            language=row["language"],
            category=row["category"],
            status=row["status"],
            components=row["components"],
            provider_id=row["id"],
            quality=row["quality_score"]["score"],
        )
        for row in catalogue.templates()
    ]
    provider_templates.copy(account, listed, at=at)


def price(lines: Mapping[str, ChannelAccount], *, by: User, at: datetime) -> None:
    """Invented prices, and said to be; the costs of answers are left for a person to enter."""
    for channel, category, amount in PRICES:
        rates.add(
            lines[channel],
            category=category,
            amount=Decimal(amount),
            currency="USD",
            valid_from=clock.date_in("UTC", at) - PRICED_SINCE,
            note="Precio inventado de la demostración",
            by=by,
            at=at,
        )


def is_simulated(account: ChannelAccount) -> bool:
    """Whether its provider is the simulator of this demonstration."""
    kind = KINDS.get(account.adapter)
    if kind is None:
        return False
    told = str(account.config.get(kind.setting) or "")
    return told.startswith(settings.PROVIDER_URL) or (not told and account.adapter == "simulated")


def wire(account: ChannelAccount) -> str:
    return KINDS[account.adapter].wire


def callback(account: ChannelAccount) -> str:
    return accounts.webhook_address(account)


def point_all() -> None:
    """The simulator may have started at another port than last time."""
    for account in ChannelAccount.objects.filter(**{f"config__{MARK}": True}):
        kind = KINDS.get(account.adapter)
        told = str(account.config.get(kind.setting) or "") if kind else ""
        if kind and urlsplit(told).hostname in THIS_MACHINE:
            accounts.reconfigure(account, {kind.setting: _address(account.adapter)})


def introduction(account: ChannelAccount) -> dict[str, str]:
    """What a provider is told about a line on its own settings page."""
    config, sealed = account.config, secrets.unseal(account.secrets)
    about = {"wire": wire(account), "callback": callback(account), "sender": account.sender}
    match account.adapter:
        case "whatsapp_cloud":
            own = {
                "id": config["phone_number_id"],
                "business": config["business_account_id"],
                "key": sealed["access_token"],
                "secret": sealed["app_secret"],
            }
        case "sms_twilio":
            token = sealed["auth_token"]
            own = {"id": config["account_sid"], "key": token, "secret": token}
        case "hosted_mail":
            own = {
                "id": config["sender_domain"],
                "key": sealed["api_key"],
                "secret": sealed["signing_key"],
                "basic": sealed["webhook_secret"],
            }
        case _:
            own = {"secret": sealed.get("secret", "")}
    return {name: str(value) for name, value in (about | own).items()}


def write_down(path: Path) -> None:
    """Let the simulator know the lines before it starts: in its log, which is its memory."""
    board = switchboard.reopened(path, secret="", auto=False)
    board.set_clock({"offset": clock.offset().total_seconds()})
    for account in filter(is_simulated, ChannelAccount.objects.filter(is_active=True)):
        is_new = callback(account) not in board.accounts
        board.introduce(introduction(account))
        if is_new and account.channel != Channel.CALL:
            board.turn({"callback": callback(account), **LIVELY})
    board.log.close()
