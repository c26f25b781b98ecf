"""SMS as Twilio's Programmable Messaging speaks it: forms both ways.

https://www.twilio.com/docs/messaging/api/message-resource
"""

import base64
import hashlib
import hmac
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlencode

from acuerdo.simulator.wires.shapes import Json, Notice, Reply, Sent, header, password

MESSAGES = re.compile(r"^/2010-04-01/Accounts/(?P<sid>[^/]+)/Messages\.json$")
SIGNATURE = "X-Twilio-Signature"
# Twilio says of other channels that a message was read.
STATUSES = {"opened": "read", "failed": "undelivered"}
MODES = {
    "429": (429, "20429"),
    "busy": (429, "20429"),
    "revoked": (401, "20003"),
    "refuse": (400, "21211"),
}
ANSWERED = {
    "21610": 400, "21211": 400, "21212": 400, "21217": 400, "21408": 403, "21602": 400,
    "21603": 400, "21606": 400, "21608": 400, "21611": 429, "21612": 400, "21614": 400,
    "21617": 400, "21635": 400, "21659": 400, "21660": 400, "21701": 400, "21703": 400,
    "21705": 400, "20429": 429, "14107": 429, "20003": 401, "20005": 401, "20006": 403,
    "20404": 404,
}  # fmt: skip
REPORTED = (
    "30003", "30004", "30005", "30006", "30007", "30008", "30001", "30002", "30034", "30036",
)  # fmt: skip
# Nobody knows whether an SMS was read.
TELLS = ("sent", "delivered")


def new_id() -> str:
    return f"SM{uuid.uuid4().hex}"


def read(path: str, body: bytes, headers: Mapping[str, str]) -> Sent | None:
    found = MESSAGES.match(path)
    if not found:
        return None
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    authorization = header(headers, "Authorization")
    callback = form.get("StatusCallback", "")
    query = dict(parse_qsl(callback.partition("?")[2]))
    return Sent(
        wire="twilio",
        token=next(iter(query.values()), ""),
        channel="sms",
        to=form.get("To", ""),
        body=form.get("Body", ""),
        callback=callback,
        account=found["sid"],
        key=password(authorization),
        authorization=authorization,
        raw=form,
    )


def receipt(line: Json) -> Reply:
    told = {"sid": line["id"], "status": "queued", "to": line["to"], "body": line["body"]}
    return 201, told | {"error_code": None, "error_message": None, "num_segments": "1"}


def error(code: str, words: str, status: int) -> Reply:
    more = f"https://www.twilio.com/docs/errors/{code}"
    told = words or "The message was not taken."
    return status, {"code": int(code), "message": told, "more_info": more, "status": status}


def listed(to: str, accepted: Iterable[Json]) -> Json:
    """What was sent to a number: how Twilio is asked after a message of which it said nothing."""
    rows = [_row(line) for line in accepted if line["wire"] == "twilio" and to in {"", line["to"]}]
    return {"messages": rows}


def _row(line: Json) -> Json:
    form = line.get("raw") or {}
    moment = datetime.fromtimestamp(float(line.get("when") or line["at"]), UTC)
    return receipt(line)[1] | {
        "status": TOLD.get(line.get("status", ""), "queued"),
        "direction": "outbound-api",
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "date_created": format_datetime(moment),
    }


TOLD = {"sent": "sent", "delivered": "delivered", "opened": "delivered", "failed": "undelivered"}


def status_notice(line: Json, status: str, *, callback: str, secret: str, extra: Json) -> Notice:
    told = STATUSES.get(status, status)
    form = {"MessageSid": line["id"], "SmsSid": line["id"], "MessageStatus": told}
    form |= {"To": line["to"], "AccountSid": line["account"], "ApiVersion": "2010-04-01"}
    form |= {"ErrorCode": str(extra["code"])} if extra.get("code") else {}
    return signed(form, callback, secret)


def message_notice(message: Json, *, callback: str, secret: str) -> Notice:
    form = {"MessageSid": message["id"], "SmsSid": message["id"], "NumMedia": "0"}
    form |= {"From": message["from"], "To": message.get("to", ""), "Body": message["body"]}
    return signed(form | {"AccountSid": message.get("account", "AC0")}, callback, secret)


def signed(form: dict[str, str], url: str, secret: str) -> Notice:
    """By the address that the product is known at, and every field of the form."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    headers[SIGNATURE] = base64.b64encode(digest).decode()
    return Notice(urlencode(form).encode(), headers)
