"""``acuerdo create-admin EMAIL``: the first person of an installation, who invites the others.

Prints a link to choose a password. Asked again for somebody who never signed in, it prints another.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from acuerdo.organization import invitations, users
from acuerdo.organization.models import Role, User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal


class Command(BaseCommand):
    help = __doc__ or ""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        del subcommand
        return super().create_parser(prog_name, "create-admin", **options)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="Administrador")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        waiting = User.objects.filter(
            email=email, role=Role.ADMINISTRATOR, is_active=True, last_login=None
        ).first()
        try:
            user = waiting or users.create(
                email=email,
                name=options["name"],
                role=Role.ADMINISTRATOR,
                by=None,
                at=clock.now(),
            )
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write(
            f"Abra este enlace y elija su contraseña; vence en tres días:\n{invitations.link(user)}"
        )
