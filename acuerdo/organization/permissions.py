"""What each role may do. Anything not listed is refused."""

from acuerdo.organization.models import Role, User

READ = {
    "conversations.view",
    "calls.view",
    "customers.view",
    "debts.view",
    "claims.view",
    "interactions.view",
}
WORK = {
    "messages.send",
    "conversations.handle",
    "notes.write",
    "calls.register",
    "promises.register",
    "payment_reports.register",
    "pauses.write",
    "claims.edit",
    "contacts.reveal",
}
LEAD = {
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
    "templates.view",
    "sends.view",
    "sends.resolve",
}
OWN = {
    "flows.edit",
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
        READ | {"flows.view", "templates.view", "users.view", "imports.view", "sends.view"}
    ),
}


def granted(user: User) -> frozenset[str]:
    return PERMISSIONS.get(user.role, frozenset()) if user.is_active else frozenset()


def may(user: User, permission: str) -> bool:
    return permission in granted(user)
