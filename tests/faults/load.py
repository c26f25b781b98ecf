"""What people and programs ask of the installation while it is being killed.

Each act carries a key of its own and is repeated until the product took it, as a browser, a
provider or a job does. ``submitted.jsonl`` holds what was taken: the judge counts it.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connections

from acuerdo.channels.models import ChannelAccount
from acuerdo.conversations.models import Outgoing
from acuerdo.conversations.sending import outbox
from acuerdo.conversations.sending.outbox import Draft
from acuerdo.customers.models import ContactPoint, Customer
from acuerdo.organization.models import User
from acuerdo.organization.settings import follow_clock
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal

TURN = 0.25
# With more than this before them, people and programs ask for nothing new: what a run leaves
# behind is then what the last deaths made wait, and not the surplus of the whole of it.
PILED_UP = 400
CSRF = "c" * 32
# Refused for good, or taken: there is nothing to repeat.
FINAL = frozenset({200, 204, 302, 303, 409, 422})
REDIRECT = frozenset({302, 303})


def spelt(key: str) -> str:
    """Without figures: so many in a row may be the number of a card, which no text may carry."""
    return key.translate(str.maketrans("0123456789", "ghijklmnop"))


class Load:
    def __init__(self, folder: Path, rate: int, provider: str, seed: int) -> None:
        self.folder = folder
        self.rate = rate
        self.provider = provider
        self.rng = random.Random(seed)
        self.stop = folder / "stop"
        self.lock = threading.Lock()
        self.is_piled_up = False
        self.client = httpx.Client(base_url=settings.BASE_URL, trust_env=False, timeout=10)
        self.people = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
        self.phones = list(ContactPoint.objects.order_by("pk").values_list("value", flat=True))
        self.callback = f"{settings.BASE_URL}/webhooks/{ChannelAccount.objects.get().key}/"
        self.sent = (folder / "submitted.jsonl").open("a")

    @property
    def is_over(self) -> bool:
        return self.stop.exists()

    def took(self, what: str, **about: object) -> None:
        with self.lock:
            self.sent.write(json.dumps({"what": what, **about}) + "\n")
            self.sent.flush()

    def insist(self, act: Callable[[], object]) -> None:
        """Again and again until it goes through, also after the end was called."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                follow_clock()
                act()
            except Exception:
                time.sleep(0.2)
            else:
                return
            finally:
                connections.close_all()

    def _look(self) -> bool:
        """Whether messages or notices wait in crowds, as after a death or on a slow machine."""
        try:
            told = httpx.get(f"{self.provider}/health", trust_env=False, timeout=20).json()
            queued = Outgoing.objects.filter(lease_until=None).count()
        except (httpx.HTTPError, DatabaseError):
            # Nobody answers: asking all the same is what this is about.
            return False
        finally:
            connections.close_all()
        return max(int(told["waiting"]), queued) > PILED_UP

    def campaign(self) -> None:
        """Up to ``rate`` automatic messages a second, each to somebody else."""
        places = count()
        while not self.is_over:
            began = time.monotonic()
            self.is_piled_up = self._look()
            if self.is_piled_up:
                time.sleep(TURN)
                continue
            batch = [
                next(places) % len(self.people) for _ in range(max(1, round(self.rate * TURN)))
            ]
            keys = [f"chaos-{uuid4().hex}-{place}" for place in batch]
            self.insist(partial(self._queue, batch, keys))
            time.sleep(max(0.0, TURN - (time.monotonic() - began)))

    def _queue(self, batch: list[int], keys: list[str]) -> None:
        found = Customer.objects.in_bulk([self.people[place] for place in batch])
        drafts = [
            Draft(
                found[self.people[place]],
                "whatsapp",
                f"Hola {spelt(key)}",
                "campaign",
                source="chaos",
                idempotency_key=key,
            )
            for place, key in zip(batch, keys, strict=True)
        ]
        queued = outbox.queue_many(drafts, at=clock.now())
        for each in queued:
            if isinstance(each, Refusal):
                self.took("refused", why=each.code)
        self.took("messages", keys=keys)

    def forms(self) -> None:
        """An adviser writes and registers: each form posted until it is answered, then again."""
        self.insist(self._sign_in)
        while not self.is_over:
            token = UUID(int=self.rng.getrandbits(128)).hex
            person = self.rng.choice(self.people)
            act = self.rng.choice((self._payment, self._message, self._call))
            act(person, token)
            time.sleep(0.25)

    def _sign_in(self) -> None:
        who = User.objects.get()
        session = SessionStore()
        session[SESSION_KEY] = str(who.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = who.get_session_auth_hash()
        session.create()
        self.client.cookies.set(settings.SESSION_COOKIE_NAME, str(session.session_key))
        self.client.cookies.set("csrftoken", CSRF)

    def _payment(self, person: int, token: str) -> None:
        fields = {
            "token": token,
            "amount": "1.00",
            "currency": "PEN",
            "method": "",
            "reference": "",
        }
        day = clock.today("America/Lima").isoformat()
        path = f"/cuentas/clientes/{person}/pagos/nuevo/"
        if self._post_twice(path, fields | {"paid_on": day}) in REDIRECT:
            self.took("payment", token=token)

    def _message(self, person: int, token: str) -> None:
        fields = {"channel": "whatsapp", "body": f"Buenas {spelt(token)}", "key": token}
        if self._post_twice(f"/conversaciones/{person}/mensajes/", fields) in REDIRECT:
            self.took("messages", keys=[f"reply:{person}:{token}"])

    def _call(self, person: int, token: str) -> None:
        """The call that waits for this customer; the second time it has its result."""
        rows = Customer.objects.get(pk=person).calls.filter(status="pending")[:1]
        for call in rows:
            fields = {"result": "voicemail", "note": token}
            self._post_twice(f"/llamadas/{call.pk}/resultado/", fields)
            self.took("call", call=call.pk)

    def _post_twice(self, path: str, fields: dict[str, str]) -> int:
        """As somebody who pressed the button again because no answer came."""
        first = self._post(path, fields)
        if self.rng.random() < 0.3:
            self._post(path, fields)
        return first

    def _post(self, path: str, fields: dict[str, str]) -> int:
        deadline = time.monotonic() + 60
        status = 0
        while time.monotonic() < deadline:
            try:
                answer = self.client.post(path, data=fields | {"csrfmiddlewaretoken": CSRF})
            except httpx.HTTPError:
                time.sleep(0.2)
                continue
            status = answer.status_code
            if status in FINAL:
                return status
            self.took("answer", status=status, path=path)
            time.sleep(0.2)
        return status

    def people_write(self) -> None:
        """Customers and strangers write; the provider tells it once, twice or three times."""
        provider = httpx.Client(base_url=self.provider, trust_env=False, timeout=20)
        while not self.is_over:
            if self.is_piled_up:
                time.sleep(TURN)
                continue
            phone = self.rng.choice([self.rng.choice(self.phones), "+51999999999"])
            about: dict[str, Any] = {"callback": self.callback, "from": phone, "body": "Ya pagué"}
            try:
                provider.post("/inbound", json=about | {"copies": self.rng.choice((1, 1, 2, 3))})
            except httpx.HTTPError:
                continue
            time.sleep(0.2)


def main(words: list[str]) -> None:
    """``load FOLDER RATE PROVIDER_URL SEED`` until the folder holds a file ``stop``."""
    load = Load(Path(words[0]), int(words[1]), words[2], int(words[3]))
    threads = [
        threading.Thread(target=work) for work in (load.campaign, load.forms, load.people_write)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (load.folder / "stopped").touch()
