import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.contact_policy import opt_outs
from acuerdo.contact_policy.models import OptIn, OptOut
from acuerdo.conversations.tests.factories import NOW, customer, portfolio, user
from acuerdo.events.models import Event

pytestmark = pytest.mark.django_db


def signed_in(client: Client) -> Client:
    client.force_login(user("adviser", portfolio()))
    return client


def test_agreement_is_written_down_with_its_proof(client: Client) -> None:
    owner = customer()
    address = reverse("contact_policy:opt_in_new", args=[owner.pk])
    without = signed_in(client).post(address, {"channel": "whatsapp", "source": "  "})
    assert without.status_code == 422
    assert not OptIn.objects.exists()
    client.post(address, {"channel": "whatsapp", "source": "Llamada de hoy"})
    kept = OptIn.objects.get()
    assert (kept.customer, kept.source, kept.covers_marketing) == (owner, "Llamada de hoy", False)
    assert Event.objects.filter(type="opt_in.recorded", customer_id=owner.pk).exists()
    page = client.get(reverse("contact_policy:consents", args=[owner.pk])).content.decode()
    assert "Llamada de hoy" in page
    assert "Contrato, cláusula 14" in page


def test_refusal_is_recorded_and_lifted_from_the_page(client: Client) -> None:
    owner = customer()
    address = reverse("contact_policy:opt_out_new", args=[owner.pk])
    signed_in(client).post(address, {"channel": "", "source": "Lo pidió en la llamada"})
    standing = OptOut.objects.get(customer=owner, lifted_at=None)
    page = client.get(reverse("contact_policy:consents", args=[owner.pk])).content.decode()
    assert "Todos los canales" in page
    client.post(reverse("contact_policy:opt_out_lifting", args=[owner.pk, standing.pk]))
    standing.refresh_from_db()
    assert standing.lifted_at
    assert standing.lifted_by


def test_refusal_of_another_customer_cannot_be_lifted_through_this_one(client: Client) -> None:
    owner, other = customer(), customer()
    standing = opt_outs.record(other, channel="sms", source="SMS", by=None, at=NOW)
    address = reverse("contact_policy:opt_out_lifting", args=[owner.pk, standing.pk])
    assert signed_in(client).post(address).status_code == 404
