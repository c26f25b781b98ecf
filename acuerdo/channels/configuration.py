"""Sets up accounts: every change is somebody's, and leaves an event without any secret in it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from acuerdo.channels import accounts, connectors, readiness, secret_proposals, secrets
from acuerdo.channels.models import Channel, ChannelAccount, ClauseAcknowledgement
from acuerdo.events import log
from acuerdo.organization import settings as organization
from acuerdo.organization.models import User
from acuerdo.primitives.refusals import Refusal


@transaction.atomic
def create(
    *,
    adapter: str,
    name: str,
    channel: str,
    sender: str,
    per_second: int,
    values: Mapping[str, str],
    by: User,
    at: datetime,
) -> ChannelAccount:
    """A new account, off until somebody switches it on; ``values`` answer the adapter's needs.

    Its keys may have to wait, as in ``update``.
    """
    connector = connectors.named(adapter)
    if channel not in connector.channels:
        raise Refusal(
            "foreign_channel", _("Ese conector no sirve para este canal."), field="channel"
        )
    typed = _secrets(connector, values)
    waits = bool(typed) and secret_proposals.are_asked_for()
    account = accounts.create(
        name=name,
        channel=Channel(channel),
        adapter=adapter,
        sender=sender,
        config=_config(connector, values),
        secret_values={} if waits else typed,
        per_second=per_second,
        is_active=False,
        at=at,
    )
    log.record("channel.changed", subject=account, by=by, at=at, change="created")
    if waits:
        secret_proposals.propose(account, typed, by=by, at=at)
    return account


@transaction.atomic
def update(
    account: ChannelAccount,
    *,
    name: str,
    sender: str,
    per_second: int,
    values: Mapping[str, str],
    by: User,
    at: datetime,
) -> ChannelAccount:
    """An empty secret keeps the one that is stored; a new one may have to wait, see
    ``secret_proposals``.
    """
    locked = ChannelAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    connector = connectors.of(locked)
    locked.name, locked.sender, locked.per_second = name, sender, per_second
    config, typed = locked.config | _config(connector, values), _secrets(connector, values)
    if typed and secret_proposals.are_asked_for():
        secret_proposals.propose(locked, typed, by=by, at=at)
        typed = {}
    if typed or config != locked.config:
        locked.settled_at = at
    locked.config = config
    locked.secrets = secrets.seal(_kept(locked) | typed)
    if locked.is_active:
        _refuse_unready(locked)
    locked.save(update_fields=["name", "sender", "per_second", "config", "secrets", "settled_at"])
    log.record("channel.changed", subject=locked, by=by, at=at, change="updated")
    return locked


@transaction.atomic
def switch_on(account: ChannelAccount, *, by: User, at: datetime) -> None:
    _refuse_unready(account)
    _switch(account, is_active=True, by=by, at=at)


@transaction.atomic
def switch_off(account: ChannelAccount, *, by: User, at: datetime) -> None:
    """What waits stays in the queue, and its webhook takes nothing any more."""
    _switch(account, is_active=False, by=by, at=at)


@transaction.atomic
def acknowledge(account: ChannelAccount, *, by: User, at: datetime) -> ClauseAcknowledgement:
    """``by`` read the clause and answers for it, as the organisation is today."""
    kind = organization.current().tenant_type
    if not kind:
        sentence = _("Diga primero en Ajustes › Organización qué tipo de organización es.")
        raise Refusal("no_tenant_type", sentence, status=409)
    row = account.acknowledgements.create(tenant_type=kind, clause=clause(), by=by, at=at)
    log.record("channel.acknowledged", subject=account, by=by, at=at, tenant_type=kind)
    return row


def clause() -> str:
    """What is answered for; kept with each acknowledgement as it was shown."""
    return _(
        "La política de mensajes para empresas de Meta nombra la cobranza de deudas entre las"
        " actividades que prohíbe, aunque la licencia local la permita, y Meta puede suspender"
        " el número o la empresa. Leí la política vigente, la organización asume ese riesgo y"
        " ninguna comunicación obligatoria depende solo de WhatsApp."
    )


def _switch(account: ChannelAccount, *, is_active: bool, by: User, at: datetime) -> None:
    changed = ChannelAccount.objects.filter(pk=account.pk, is_active=not is_active)
    if changed.update(is_active=is_active, settled_at=at):
        change = "switched_on" if is_active else "switched_off"
        log.record("channel.changed", subject=account, by=by, at=at, change=change)


def _refuse_unready(account: ChannelAccount) -> None:
    for fault in readiness.faults(account):
        raise Refusal(
            fault.code, f"{fault.sentence} {fault.remedy}", field=_field(fault), status=409
        )


def _field(fault: readiness.Fault) -> str:
    return f"need_{fault.field}" if fault.field else ""


def _config(connector: connectors.Connector, values: Mapping[str, str]) -> dict[str, str]:
    return {
        need.name: values[need.name].strip()
        for need in connector.needs
        if not need.is_secret and need.name in values
    }


def _secrets(connector: connectors.Connector, values: Mapping[str, str]) -> dict[str, str]:
    told = {need.name: values.get(need.name, "").strip() for need in connector.needs}
    return {
        need.name: told[need.name] for need in connector.needs if need.is_secret and told[need.name]
    }


def _kept(account: ChannelAccount) -> dict[str, str]:
    """What was sealed; nothing when the key it was sealed with is gone, so that it can be typed anew."""
    try:
        return secrets.unseal(account.secrets)
    except Refusal:
        return {}
