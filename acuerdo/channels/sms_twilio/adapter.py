"""SMS through Twilio's Programmable Messaging, or whatever speaks its interface."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from acuerdo.channels import secrets
from acuerdo.channels.adapter import (
    REVOKED,
    Delivery,
    File,
    Malformed,
    Need,
    Notice,
    Outcome,
    Parcel,
    Result,
    Unfetchable,
    Waits,
    plain,
)
from acuerdo.channels.exchange import Answer, Wire
from acuerdo.channels.models import ChannelAccount
from acuerdo.channels.sms_twilio import payloads, signature
from acuerdo.channels.sms_twilio.codes import ADDRESS_FAULTS, REVOKED_CODES, WAITING
from acuerdo.organization.models import TenantType
from acuerdo.primitives import clock, phone
from acuerdo.primitives.refusals import Refusal

BASE = "https://api.twilio.com"
TIMEOUT = 20
# Files are named by an address of the interface, which sends on to where they are kept.
MEDIA_HOSTS = frozenset({"mms.twiliocdn.com", "media.twiliocdn.com"})
# A look-up believes only what was created while the hand-over was under way.
BEFORE, AFTER = timedelta(seconds=5), timedelta(seconds=3 * TIMEOUT)
NORTH_AMERICA = ("US", "CA")
UNAUTHORIZED = 401
TOO_MANY = 429
REQUEST_TIMEOUT = 408
LONGEST_VALIDITY = 36_000


class Twilio:
    label = "Twilio (SMS)"
    channels = ("sms",)
    needs = (
        Need("account_sid", gettext_lazy("SID de la cuenta"), help="AC…"),
        Need("auth_token", gettext_lazy("Auth Token"), is_secret=True),
        Need(
            "messaging_service",
            gettext_lazy("Servicio de mensajería"),
            is_required=False,
            help=gettext_lazy("MG…; si se deja vacío se usa el número remitente."),
        ),
        Need("base_url", gettext_lazy("Dirección de la interfaz"), is_required=False),
    )
    concurrency = 8
    patience = 4 * TIMEOUT

    def __init__(self) -> None:
        self.wire = Wire(TIMEOUT)

    def send(self, account: ChannelAccount, parcel: Parcel) -> Result:
        try:
            sid, token = _keys(account)
        except Refusal as fault:
            return Result(Outcome.NOT_TAKEN, code="misconfigured", detail=fault.sentence)
        answer = self.wire.ask(
            "POST",
            _messages_url(account, sid),
            data=_request(account, parcel),
            auth=(sid, token),
            hidden=(token,),
        )
        return answer if isinstance(answer, Result) else _result(answer)

    def forbids(self, address: str, *, tenant_type: str, category: str) -> str:
        """No collection for third parties in the USA and Canada (Twilio's errors 30863, 30460)."""
        del category
        is_third_party = tenant_type != TenantType.CREDITOR
        if is_third_party and phone.region(address) in NORTH_AMERICA:
            return "third_party_collection"
        return ""

    def verify(self, account: ChannelAccount, delivery: Delivery) -> bool:
        sid = str(account.config.get("account_sid", "")).strip()
        token = secrets.for_verifying(account.secrets).get("auth_token", "").strip()
        if not signature.is_signed(token, delivery):
            return False
        try:
            told = payloads.fields_of(delivery).get("AccountSid", sid)
        except Malformed:
            # It is theirs; that it is no payload is said by ``parse``.
            return True
        return told == sid

    def parse(self, account: ChannelAccount, delivery: Delivery) -> list[Notice]:
        del account
        return payloads.notices(delivery)

    def look_up(
        self, account: ChannelAccount, token: str, recipient: str, since: datetime
    ) -> Result | None:
        """By recipient and moment: Twilio keeps nothing of ours with a message.

        Two messages to one number within that minute prove nothing of either.
        """
        del token
        sid, key = _keys(account)
        query = {"To": recipient, "PageSize": 20}
        answer = self.wire.ask("GET", _messages_url(account, sid), params=query, auth=(sid, key))
        if isinstance(answer, Result) or not answer.is_success:
            return None
        listed = answer.json().get("messages", [])
        rows = [row for row in listed if isinstance(row, dict) and _is_ours(account, row)]
        found = [row for row in rows if _is_from(row, since)]
        return _proof(found[0]) if len(found) == 1 else None

    def fetch_media(self, account: ChannelAccount, media_id: str, *, most_bytes: int) -> File:
        sid, token = _keys(account)
        base = urlsplit(_base(account))
        asked = urlsplit(media_id)
        if (asked.scheme, asked.netloc) != (base.scheme, base.netloc):
            raise Unfetchable(_("El archivo no está en los servidores de Twilio."), is_final=True)
        answer = self._fetch(media_id, most_bytes, auth=(sid, token))
        if answer.status in {301, 302, 303, 307, 308}:
            # One hop, by hand and without our key, to the hosts that Twilio delivers from.
            kept = urlsplit(answer.location)
            if kept.scheme != "https" or kept.netloc not in MEDIA_HOSTS:
                raise Unfetchable(_("Twilio remite a un servidor desconocido."), is_final=True)
            answer = self._fetch(answer.location, most_bytes)
        if not answer.is_success:
            gone = answer.status in {403, 404, 410}
            raise Unfetchable(f"Twilio: HTTP {answer.status}", is_final=gone)
        return File("", answer.content_type, answer.body)

    def _fetch(self, url: str, most_bytes: int, **request: Any) -> Answer:
        answer = self.wire.ask("GET", url, most_bytes=most_bytes, **request)
        if isinstance(answer, Result):
            is_endless = answer.detail.endswith("endless")
            raise Unfetchable(answer.detail or answer.code, is_final=is_endless)
        return answer


ADAPTER = Twilio()


def _keys(account: ChannelAccount) -> tuple[str, str]:
    sid = str(account.config.get("account_sid", "")).strip()
    token = secrets.unseal(account.secrets).get("auth_token", "").strip()
    if not sid or not token:
        raise Refusal("misconfigured", _("Faltan el SID o el Auth Token de Twilio."))
    return sid, token


def _base(account: ChannelAccount) -> str:
    return str(account.config.get("base_url") or BASE).rstrip("/")


def _messages_url(account: ChannelAccount, sid: str) -> str:
    return f"{_base(account)}/2010-04-01/Accounts/{quote(sid, safe='')}/Messages.json"


def _request(account: ChannelAccount, parcel: Parcel) -> dict[str, str]:
    callback = f"{settings.BASE_URL}/webhooks/{account.key}/"
    service = str(account.config.get("messaging_service", "")).strip()
    by = {"MessagingServiceSid": service} if service else {"From": account.sender}
    return {
        "To": parcel.recipient,
        "Body": parcel.body,
        # The token comes back with each status: it proves that this attempt was taken.
        "StatusCallback": f"{callback}?{urlencode({'token': parcel.token})}",
        **by,
        **_validity(parcel),
    }


def _validity(parcel: Parcel) -> dict[str, str]:
    """A phone that was off until the window closed gets nothing any more."""
    if parcel.not_after is None:
        return {}
    seconds = int((parcel.not_after - clock.now()).total_seconds())
    return {"ValidityPeriod": str(min(max(seconds, 1), LONGEST_VALIDITY))}


def _result(answer: Answer) -> Result:
    content = answer.json()
    if answer.is_success:
        sid = content.get("sid")
        if isinstance(sid, str) and sid:
            return Result(Outcome.ACCEPTED, provider_id=sid)
        return Result(Outcome.UNCERTAIN, code="no_answer", detail=f"HTTP {answer.status}")
    code = str(content.get("code") or answer.status)
    detail = plain(content.get("message") or "")
    if answer.status == UNAUTHORIZED or code in REVOKED_CODES:
        return Result(Outcome.NOT_TAKEN, code=REVOKED, detail=f"{code}: {detail}")
    if answer.status == TOO_MANY or code in WAITING:
        waits = WAITING.get(code, Waits.ACCOUNT)
        return Result(
            Outcome.NOT_TAKEN, code=code, detail=detail, retry_after=answer.retry_after, waits=waits
        )
    if 400 <= answer.status < 500 and answer.status != REQUEST_TIMEOUT:
        fault = ADDRESS_FAULTS.get(code, "")
        return Result(Outcome.REFUSED, code=code, detail=detail, address_fault=fault)
    return Result(Outcome.UNCERTAIN, code=str(answer.status), detail=detail)


def _is_ours(account: ChannelAccount, row: dict[str, Any]) -> bool:
    """Other programs may write to the same person by the same account of Twilio."""
    service = str(account.config.get("messaging_service", "")).strip()
    if service:
        return bool(row.get("messaging_service_sid") == service)
    return bool(row.get("from") == account.sender.strip())


def _is_from(row: dict[str, Any], since: datetime) -> bool:
    try:
        created = parsedate_to_datetime(str(row.get("date_created")))
        is_near = since - BEFORE <= created <= since + AFTER
    except (TypeError, ValueError):
        return False
    return is_near and str(row.get("direction", "")).startswith("outbound")


def _proof(row: dict[str, Any]) -> Result | None:
    sid = row.get("sid")
    if not isinstance(sid, str) or not sid:
        return None
    if row.get("status") in {"failed", "undelivered", "canceled"}:
        code = str(row.get("error_code") or "failed")
        fault = ADDRESS_FAULTS.get(code, "")
        return Result(Outcome.REFUSED, provider_id=sid, code=code, address_fault=fault)
    return Result(Outcome.ACCEPTED, provider_id=sid)
