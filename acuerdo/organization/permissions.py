"""What each role may do. Anything not listed is refused."""

from acuerdo.organization import settings
from acuerdo.organization.models import Role, User

READ = {
    "conversations.view",
    "calls.view",
    "unregistered.view",
    "customers.view",
    "debts.view",
    "claims.view",
    "interactions.view",
}
WORK = {
    "messages.send",
    "conversations.handle",
    "customers.take",
    "notes.write",
    "calls.register",
    "promises.register",
    "payment_reports.register",
    "pauses.write",
    "claims.edit",
    "contacts.reveal",
    "contacts.mark",
    "unregistered.handle",
    "consents.write",
}
LEAD = {
    "conversations.bulk_send",
    "customers.edit",
    "customers.assign",
    "payments.register",
    "payment_reports.settle",
    "debts.edit",
    "alerts.clear",
    "imports.view",
    "imports.run",
    "exports.run",
    "flows.view",
    "segments.view",
    "templates.view",
    "views.share",
    "sends.view",
    "sends.resolve",
}
OWN = {
    "flows.edit",
    "segments.edit",
    "templates.edit",
    "users.edit",
    "settings.edit",
    "channels.edit",
    "receipts.view",
    "receipts.settle",
    "simulator.use",
}

PERMISSIONS: dict[str, frozenset[str]] = {
    Role.ADVISER: frozenset(READ | WORK),
    Role.SUPERVISOR: frozenset(READ | WORK | LEAD | {"simulator.use"}),
    Role.ADMINISTRATOR: frozenset(READ | WORK | LEAD | OWN | {"users.view"}),
    Role.AUDITOR: frozenset(
        READ
        | {
            "flows.view",
            "segments.view",
            "templates.view",
            "users.view",
            "imports.view",
            "sends.view",
        }
    ),
}


# What these show is of no portfolio: the settings say whether anybody, and whether advisers, see it.
BY_SETTING = frozenset({"unregistered.view", "unregistered.handle"})


def granted(user: User) -> frozenset[str]:
    held = _of_role(user)
    return held if _sees_unregistered(user) else held - BY_SETTING


def may(user: User, permission: str) -> bool:
    if permission not in _of_role(user):
        return False
    return permission not in BY_SETTING or _sees_unregistered(user)


def _of_role(user: User) -> frozenset[str]:
    return PERMISSIONS.get(user.role, frozenset()) if user.is_active else frozenset()


def _sees_unregistered(user: User) -> bool:
    organization = settings.current()
    if user.role == Role.ADVISER and not organization.advisers_see_unregistered:
        return False
    return organization.unregistered_inbox
