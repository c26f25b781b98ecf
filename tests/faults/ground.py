"""Fills the installation under test: customers of Lima, calls that wait, one line, one user.

Run inside it: ``acuerdo shell -c "from tests.faults import ground; ground.lay(...)"``.
"""

from datetime import datetime, time

from django.db import connection

from acuerdo.calls import scheduling
from acuerdo.calls.models import CallSource
from acuerdo.channels import accounts
from acuerdo.customers.models import Customer
from acuerdo.organization import portfolios, settings
from acuerdo.organization.models import Role, User
from acuerdo.primitives import clock
from tests.kills import lay as people


def lay(count: int, *, secret: str) -> None:
    """The demonstration's clock is put to ten on a working morning."""
    on = people._working_day(clock.today(str(people.ZONE)))
    settings.current()
    settings.move_clock(datetime.combine(on, time(10, 5), people.ZONE) - clock.now())
    at = clock.now()
    User.objects.create(email="chaos@example.com", name="Chaos", role=Role.ADMINISTRATOR)
    book = portfolios.create(
        name="Consumo", code="consumo", whatsapp_consent="Contrato", by=None, at=at
    )
    accounts.create(
        name="Línea", channel="whatsapp", adapter="simulated", sender="+5117000000",
        secret_values={"secret": secret}, at=at,
    )  # fmt: skip
    people._customers(count, portfolio=book.pk, on=on, at=at)
    drafts = [
        scheduling.Draft(customer=owner, due_on=on, source=CallSource.MANUAL)
        for owner in Customer.objects.order_by("pk")[: min(count, 2000)]
    ]
    scheduling.schedule_many(drafts, at=at)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
