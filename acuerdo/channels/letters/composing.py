"""A letter as it leaves. Nothing in a subject, a name or a text can add a header.

The signature of the domain (DKIM) is the sending server's work: it has the key.
"""

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr

from django.utils.translation import gettext as _

from acuerdo.channels.adapter import File, Parcel
from acuerdo.channels.letters import layout, names
from acuerdo.channels.models import ChannelAccount

_BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")


def compose(account: ChannelAccount, parcel: Parcel) -> EmailMessage:
    """Raises ValueError where an address cannot be written into a letter."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _sender(account)
    mail["To"] = _address(parcel.recipient)
    mail["Subject"] = _line(parcel.subject)
    mail["Date"] = formatdate()
    mail["Message-ID"] = names.message_id(account, parcel)
    mail["Auto-Submitted"] = "auto-generated"
    _add_ways_back(mail, account, parcel)
    mail.set_content(_text(parcel), cte="quoted-printable")
    mail.add_alternative(_html(parcel), subtype="html", cte="quoted-printable")
    for file in parcel.files:
        _attach(mail, file)
    return mail


def _sender(account: ChannelAccount) -> Address:
    name, address = parseaddr(account.sender)
    return _address(address, name)


def _address(address: str, name: str = "") -> Address:
    if not address or _BREAKS.search(address) or any(char in address for char in " ,;<>"):
        raise ValueError(f"not an address: {address[:100]!r}")
    return Address(display_name=_line(name), addr_spec=names.on_the_wire(address))


def _line(text: str) -> str:
    return " ".join(_BREAKS.sub(" ", text).split())


def _add_ways_back(mail: EmailMessage, account: ChannelAccount, parcel: Parcel) -> None:
    reply = names.reply_address(account, parcel)
    if reply:
        mail["Reply-To"] = _address(reply)
    answered = parcel.quotes.split(" ", 1)[0]
    if re.fullmatch(r"<[!-;=?-~]+@[!-;=?-~]+>", answered):
        mail["In-Reply-To"] = mail["References"] = answered
    _add_unsubscribe(mail, account, parcel)


def _add_unsubscribe(mail: EmailMessage, account: ChannelAccount, parcel: Parcel) -> None:
    """RFC 8058: one click works over https alone; a mailbox may be named beside it."""
    url, box = parcel.unsubscribe_url, names.unsubscribe_address(account, parcel)
    ways = [f"<{url}>"] if url else []
    ways += [f"<mailto:{box}?subject=baja>"] if box else []
    if ways:
        mail["List-Unsubscribe"] = ", ".join(ways)
    if url.startswith("https://"):
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _text(parcel: Parcel) -> str:
    text = layout.fold(parcel.body)
    url, words = _foot(parcel)
    return f"{text}\n\n{words}: {url}\n" if url else text + "\n"


def _html(parcel: Parcel) -> str:
    title = _line(parcel.subject)
    if parcel.html:
        return layout.document(parcel.html, title=title, foot=_foot(parcel))
    return layout.page(parcel.body, title=title, foot=_foot(parcel))


def _foot(parcel: Parcel) -> tuple[str, str]:
    return parcel.unsubscribe_url, _("No recibir más correos")


def _attach(mail: EmailMessage, file: File) -> None:
    kind = file.content_type.lower()
    main, _slash, sub = (kind if _TYPE.fullmatch(kind) else "application/octet-stream").partition(
        "/"
    )
    if main in {"message", "multipart"}:
        main, sub = "application", "octet-stream"
    mail.add_attachment(file.content, maintype=main, subtype=sub, filename=_line(file.filename))
