"""People and letters that try to run something, written straight into a running demonstration.

``acuerdo shell`` runs ``write`` there; what it prints is read by the test.
"""

import base64
import json
import sys
from datetime import datetime, timedelta
from decimal import Decimal

from acuerdo.channels.adapter import InboundFile, InboundMessage
from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations import attachments
from acuerdo.conversations.receiving import arrivals
from acuerdo.conversations.team import notes
from acuerdo.conversations.team.note_fields import Told
from acuerdo.customers import contact_points, profiles
from acuerdo.customers.models import Customer
from acuerdo.ledger import debts
from acuerdo.organization.models import Portfolio, User
from acuerdo.primitives import clock
from acuerdo.primitives.money import Money

EVIL = '<img src="/hacked.png" onerror="window.hacked=1">'
SCRIPT = "<script>window.hacked=1</script>"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LETTER = (
    f"<h1>Recibo</h1>{SCRIPT}{EVIL}<svg onload='window.hacked=1'></svg>"
    '<img src="cid:sello@x" alt="Sello"><img src="https://rastreo.example/p.gif">'
    '<link rel="stylesheet" href="https://rastreo.example/a.css">'
    "<style>@import url(https://rastreo.example/b.css);p{background:url(//rastreo.example/c)}</style>"
    '<iframe src="https://rastreo.example/d"></iframe><form action="https://rastreo.example/e">'
    '<input autofocus onfocus="window.hacked=1"></form><a href="javascript:window.hacked=1">Ver</a>'
    '<object data="https://rastreo.example/f"></object><base href="https://rastreo.example/">'
    '<meta http-equiv="refresh" content="0;url=https://rastreo.example/g">'
)
# Enough for three pages of the thread.
ENTRIES = 120


def write() -> None:
    at = clock.now()
    admin = User.objects.get(email="admin@sierraazul.example")
    User.objects.filter(email="asesora2@sierraazul.example").update(name=f"{EVIL}Teresa")
    teresa = User.objects.get(email="asesora2@sierraazul.example")
    person = _person(at)
    days = [at - timedelta(days=ENTRIES - each) for each in range(ENTRIES)]
    for number, day in enumerate(days):
        notes.write(person, body=f"Nota {number} {'larga ' * (number % 40)}", by=admin, at=day)
        if number in (10, 11, 60):
            _say(person, "whatsapp", f"Foto {number}", at=day, files=(_picture(number),))
    letter = _say(person, "email", SCRIPT, at=at, html=LETTER, files=(_seal(),))
    file = attachments.receive(
        [InboundFile(f"{EVIL}.pdf", "application/pdf", b"%PDF-")], message=None, at=at
    )
    about = Told(channel="call", code=f"A{SCRIPT}", handling="in_contact")
    body = f"{EVIL} @{admin.name} {SCRIPT}"
    note = notes.write(person, body=body, about=about, files=file, by=teresa, at=at)
    told = {"customer": person.pk, "letter": letter, "note": note.pk, "day": f"{days[50]:%Y-%m-%d}"}
    told["late"] = f"{days[105]:%Y-%m-%d}"
    sys.stdout.write(f"\n{json.dumps(told)}\n")


def _person(at: datetime) -> Customer:
    book = Portfolio.objects.order_by("pk")[0]
    person = profiles.create(
        portfolio=book, document_type="DNI", document_number="71239876", first_name=EVIL,
        last_name=f"{SCRIPT} Hostil", country="PE", time_zone="America/Lima", by=None, at=at,
    )  # fmt: skip
    contact_points.add(person, kind="phone", value="+51987123987", by=None, at=at)
    contact_points.add(person, kind="email", value="hostil@correo.example", by=None, at=at)
    debts.create(
        person,
        code=f'"{SCRIPT}',
        amount=Money(Decimal("150.00"), "PEN"),
        due_on=at.date(),
        by=None,
        at=at,
    )
    return person


def _say(
    person: Customer,
    channel: str,
    body: str,
    *,
    at: datetime,
    html: str = "",
    files: tuple[InboundFile, ...] = (),
) -> int:
    """The number of the entry that it made."""
    line = ChannelAccount.objects.filter(channel=channel).order_by("pk")[0]
    kind = "email" if channel == "email" else "phone"
    address = person.contact_points.get(kind=kind).value
    message = InboundMessage(
        f"hostile-{channel}-{at.isoformat()}", address, body, name=EVIL, at=at, subject=EVIL,
        html=html, files=files, kind="image" if files and not html else "text",
        content={"inline": {"sello@x": 0}} if html else {},
    )  # fmt: skip
    arrivals.receive_message(line, message, at=at)
    return int(person.interactions.order_by("-pk").values_list("pk", flat=True)[0])


def _picture(number: int) -> InboundFile:
    return InboundFile(f"{EVIL}{number}.png", "image/png", DOT)


def _seal() -> InboundFile:
    return InboundFile("sello.png", "image/png", DOT, is_inline=True)
