"""`acuerdo doctor`: what is wrong with this installation, and how to put it right."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPAuthenticationError
from typing import Literal

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from acuerdo.channels import readiness
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Outgoing
from acuerdo.conversations.sending import health
from acuerdo.organization import checks
from acuerdo.organization import settings as organization
from acuerdo.primitives import clock
from acuerdo.server.binaries import OLDEST_MAJOR
from acuerdo.ui import documents

LATE = timedelta(minutes=10)
VERY_LATE = timedelta(hours=1)
SKEW = timedelta(seconds=2)
GIGABYTE = 1024**3


@dataclass(frozen=True)
class Finding:
    state: Literal["ok", "warn", "bad"]
    subject: str
    words: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """One line for each check; a check that breaks is itself a finding."""
    checks: list[Callable[[], Finding]] = [
        database,
        pool,
        migrations,
        clock_skew,
        sending,
        channels,
        queue,
        worker,
        mail,
        disk,
        paper,
        secrets,
    ]
    for check in checks:
        try:
            yield check()
        except Exception as error:
            yield Finding("bad", check.__name__, f"{type(error).__name__}: {error}")


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        found = str(cursor.fetchone()[0])
    if int(found.split(".", maxsplit=1)[0]) < OLDEST_MAJOR:
        return Finding(
            "bad", "database", f"PostgreSQL {found}", f"Move to PostgreSQL {OLDEST_MAJOR} or later."
        )
    return Finding("ok", "database", f"PostgreSQL {found} answers")


def paper() -> Finding:
    """Statements of account as PDF want the system's Pango; everything else does without."""
    if documents.is_possible():
        return Finding("ok", "pdf", "statements of account can be made")
    remedy = "Install Pango (Debian: apt-get install libpangoft2-1.0-0)."
    return Finding("warn", "pdf", "no Pango: statements of account only on screen", remedy)


def pool() -> Finding:
    """Every process may fill its pool; the server must have room for all of them."""
    options = settings.DATABASES["default"].get("OPTIONS", {}).get("pool")
    if not options:
        return Finding("bad", "pool", "switched off", "Restore the pool in the settings.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int")
        room = int(cursor.fetchone()[0])
    # Two web processes, the live pages, the worker: what is started with more counts for itself.
    each = int(options["max_size"])
    wanted = 4 * each
    words = f"up to {wanted} connections of four processes, {each} more for each further one"
    if wanted > room:
        remedy = f"Raise max_connections to {wanted + 20} or lower ACUERDO_POOL_SIZE."
        return Finding("warn", "pool", f"{words}; {room} allowed", remedy)
    return Finding("ok", "pool", f"{words}; {room} allowed")


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        words = f"{len(missing)} not applied"
        return Finding("bad", "migrations", words, "Run: acuerdo migrate")
    return Finding("ok", "migrations", "all applied")


def clock_skew() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        skew = abs(timezone.now() - cursor.fetchone()[0])
    words = f"{skew.total_seconds():.1f} s from the database's"
    if skew > SKEW:
        return Finding("bad", "clock", words, "Let both machines follow a time server (NTP).")
    if clock.offset() and not settings.DEMO:
        return Finding("bad", "clock", "moved, outside a demonstration", "Reset clock_offset.")
    return Finding("ok", "clock", words)


def sending() -> Finding:
    current = organization.current()
    if current.sending_paused_at is None:
        return Finding("ok", "sending", "not paused")
    words = f"paused since {current.sending_paused_at:%Y-%m-%d %H:%M} UTC: "
    return Finding(
        "warn",
        "sending",
        words + current.sending_paused_reason,
        "When what is due has been looked at: acuerdo release-sending",
    )


def channels() -> Finding:
    """What keeps an active account from sending, in the words of the screen."""
    rows = list(ChannelAccount.objects.filter(is_active=True))
    if not rows:
        remedy = "Set one up under Ajustes > Canales, try it, and switch it on."
        return Finding("warn", "channels", "no active account", remedy)
    faults = [(row, fault) for row in rows for fault in readiness.faults(row)]
    if faults:
        words = "; ".join(f"{row.name}: {fault.sentence}" for row, fault in faults)
        return Finding("bad", "channels", words, faults[0][1].remedy)
    stopped = [row for row in rows if row.stopped_reason]
    if stopped:
        words = "; ".join(f"{row.name} is stopped: {row.stopped_reason}" for row in stopped)
        return Finding("bad", "channels", words, "Mend the cause, then resume it under Salud.")
    return Finding("ok", "channels", f"{len(rows)} active, none stopped")


def queue() -> Finding:
    """What should have left already and is held by nothing."""
    waiting = Outgoing.objects.filter(held_reason="", lease_until=None, due_at__lt=clock.now())
    oldest = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    if oldest is None:
        return Finding("ok", "queue", "nothing overdue")
    age = clock.now() - oldest
    words = f"{waiting.count()} messages due, the oldest for {age.total_seconds() / 60:.0f} min"
    if age < LATE or organization.current().sending_paused_at is not None:
        return Finding("ok", "queue", words)
    remedy = "Is the worker running? Look at its log, and at the provider's limits."
    return Finding("bad" if age > VERY_LATE else "warn", "queue", words, remedy)


def worker() -> Finding:
    alive = health.living_workers()
    if not alive:
        remedy = "Start everything with: acuerdo up (or the worker alone: acuerdo worker)"
        return Finding("warn", "worker", "none gave a sign of life in the last minute", remedy)
    return Finding("ok", "worker", f"{alive} alive")


def mail() -> Finding:
    if "smtp" not in settings.EMAIL_BACKEND:
        return Finding("ok", "mail", f"goes to {settings.EMAIL_BACKEND}")
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    half = checks.team_mail_is_set_whole()
    if half:
        return Finding("warn", "mail", half[0].msg, half[0].hint or "")
    try:
        with get_connection(timeout=5):
            pass
    except SMTPAuthenticationError as error:
        remedy = "Put ACUERDO_EMAIL_USER and ACUERDO_EMAIL_PASSWORD right."
        return Finding("warn", "mail", f"{where} refuses the login ({error.smtp_code})", remedy)
    except OSError as error:
        remedy = "Set ACUERDO_EMAIL_HOST, _PORT and _SECURITY; password mails need them."
        return Finding("warn", "mail", f"{where} does not answer ({error})", remedy)
    taken = " and takes the login" if settings.EMAIL_HOST_USER else ""
    return Finding("ok", "mail", f"{where} answers{taken}")


def disk() -> Finding:
    free = shutil.disk_usage(os.environ["ACUERDO_DATA_DIR"]).free
    words = f"{free / GIGABYTE:.1f} GB free"
    if free < GIGABYTE // 2:
        return Finding("bad", "disk", words, "Make room now: a full disk stops the database.")
    if free < 5 * GIGABYTE:
        return Finding("warn", "disk", words, "Make room soon.")
    return Finding("ok", "disk", words)


def secrets() -> Finding:
    path = os.environ.get("ACUERDO_SECRET_KEY_FILE")
    if path and Path(path).stat().st_mode & 0o077:
        return Finding("bad", "secrets", f"{path} is open to others", f"chmod 600 {path}")
    return Finding("ok", "secrets", "the key is private")
