"""A file on its way out: asked for with the list's filters, built by a job, read once allowed."""

import pytest
from django.test import Client

from acuerdo.customers.models import Customer
from acuerdo.ledger.tests.factories import payment
from acuerdo.organization.models import User
from acuerdo.spreadsheets.models import ExportRun
from tests.walks.machinery import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def ask(client: Client, **filters: int) -> ExportRun:
    form = {"sheet": "interactions", "format": "csv", **filters}
    answer = client.post("/archivos/descargas/nueva/", form)
    assert answer.status_code in {200, 302}, answer.content.decode()
    run_jobs()
    return ExportRun.objects.latest("pk")


def content(client: Client, run: ExportRun) -> str:
    answer = client.get(f"/archivos/descargas/{run.pk}/archivo/")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]


def test_the_filtered_register_comes_out_for_who_asked(
    client: Client, supervisor: User, stranger: User, overdue: Customer, up_to_date: Customer
) -> None:
    payment(overdue, 50)
    payment(up_to_date, 40)
    client.force_login(supervisor)
    run = ask(client, cliente=overdue.pk)
    assert run.status == "done"
    text = content(client, run)
    assert "Olga" in text
    assert "Daniel" not in text
    client.force_login(stranger)
    assert client.get(f"/archivos/descargas/{run.pk}/archivo/").status_code in {403, 404}
