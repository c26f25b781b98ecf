"""Mail that the product sends by itself because something happened: one a day to an address.

Two programs that answer each other would go on all night; the first answer is the last.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from acuerdo.channels.models import Channel
from acuerdo.customers import contact_points
from acuerdo.interactions.models import Direction, Interaction, Origin
from acuerdo.primitives.refusals import Refusal

SPELL = timedelta(days=1)


def refusal(*, channel: str, origin: str, address: str, at: datetime) -> Refusal | None:
    """Why an automatic mail to ``address`` may not be queued now. Others of it wait meanwhile."""
    if channel != Channel.EMAIL or origin != Origin.EVENT:
        return None
    with connection.cursor() as cursor:
        # Two events at the same moment are asked one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 58))", [address.lower()])
    owners = contact_points.find_owners(Channel.EMAIL, address)
    sent = Interaction.objects.filter(
        customer__in=owners, recipient__iexact=address, channel=Channel.EMAIL,
        origin=Origin.EVENT, direction=Direction.OUTGOING, created_at__gt=at - SPELL,
    )  # fmt: skip
    if not sent.exists():
        return None
    sentence = _("Ya se le envió hoy un correo automático a esa dirección.")
    return Refusal("one_automatic_mail_a_day", sentence)
