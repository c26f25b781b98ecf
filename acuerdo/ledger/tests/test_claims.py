from collections.abc import Iterable

import pytest
from django.test import Client
from django.urls import reverse

from acuerdo.customers.models import Customer
from acuerdo.events.models import Event
from acuerdo.interactions.models import Interaction
from acuerdo.ledger import claims
from acuerdo.ledger.models import Claim, Debt
from acuerdo.ledger.tests.factories import NOW
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal


def claim(customer: Customer, category: str = "billing", debts: Iterable[Debt] = ()) -> Claim:
    words = "No reconoce la compra"
    return claims.open_claim(
        customer, category=category, description=words, debts=debts, by=None, at=NOW
    )


def test_a_claim_names_its_orders_and_shows_on_the_timeline(overdue: Customer) -> None:
    debt = overdue.debts.earliest("due_on")
    row = claim(overdue, debts=[debt])
    assert list(row.debts.all()) == [debt]
    fact = Interaction.objects.get(customer=overdue, fact="claim")
    assert (fact.summary, fact.subject_id) == (
        "Errores de facturación: No reconoce la compra",
        row.pk,
    )
    assert Event.objects.filter(type="claim.opened", customer_id=overdue.pk).count() == 1


def test_several_may_be_open_even_of_one_category(overdue: Customer) -> None:
    claim(overdue), claim(overdue), claim(overdue, "terms")
    assert overdue.claims.filter(status="open").count() == 3


def test_an_order_of_somebody_else_is_refused(overdue: Customer, up_to_date: Customer) -> None:
    with pytest.raises(Refusal, match="foreign_debt"):
        claim(overdue, debts=up_to_date.debts.all())
    assert not Claim.objects.exists()


def test_closing_keeps_who_and_how(overdue: Customer, adviser: User) -> None:
    row = claims.close(claim(overdue), resolution="Nota de crédito", by=adviser, at=NOW)
    assert (row.status, row.resolution, row.closed_by) == ("closed", "Nota de crédito", adviser)
    with pytest.raises(Refusal, match="move_not_allowed"):
        claims.close(row, resolution="Otra vez", by=adviser, at=NOW)
    with pytest.raises(Refusal, match="claim_closed"):
        claims.edit(row, category="terms", description="x", debts=(), by=adviser, at=NOW)


def test_a_stale_page_closes_nothing_twice(overdue: Customer, adviser: User) -> None:
    row = claim(overdue)
    stale = Claim.objects.get(pk=row.pk)
    claims.close(row, resolution="Resuelto", by=adviser, at=NOW)
    with pytest.raises(Refusal) as refused:
        claims.close(stale, resolution="También yo", by=None, at=NOW)
    assert refused.value.status == 409
    assert Interaction.objects.filter(fact="claim_closed").count() == 1


def test_a_reopened_claim_can_be_closed_again(overdue: Customer, adviser: User) -> None:
    row = claims.close(claim(overdue), resolution="Resuelto", by=adviser, at=NOW)
    claims.reopen(row, note="Volvió a escribir", by=adviser, at=NOW)
    assert (row.status, row.closed_at) == ("open", None)
    assert claims.close(row, resolution="Ahora sí", by=adviser, at=NOW).resolution == "Ahora sí"


def test_the_page_opens_corrects_and_closes(
    client: Client, overdue: Customer, adviser: User
) -> None:
    client.force_login(adviser)
    debt = overdue.debts.earliest("due_on")
    words = {"category": "billing", "description": "Cobro doble", "debts": [debt.pk]}
    with clock.travel(NOW):
        client.post(reverse("ledger:claim_new", args=[overdue.pk]), words)
        row = Claim.objects.get()
        client.post(reverse("ledger:claim", args=[row.pk]), words | {"category": "terms"})
        listed = client.get(reverse("ledger:claims")).content.decode()
        client.post(reverse("ledger:claim_closing", args=[row.pk]), {"note": "Se anuló"})
    assert "Condiciones contractuales" in listed
    assert debt.code in listed
    row.refresh_from_db()
    assert (row.category, row.status, row.resolution) == ("terms", "closed", "Se anuló")


def test_orders_of_others_cannot_be_named_by_hand(
    client: Client, overdue: Customer, up_to_date: Customer, adviser: User
) -> None:
    client.force_login(adviser)
    debt = up_to_date.debts.get()
    words = {"category": "billing", "description": "Cobro doble", "debts": [debt.pk]}
    with clock.travel(NOW):
        page = client.post(reverse("ledger:claim_new", args=[overdue.pk]), words)
    assert page.status_code == 422
    assert not Claim.objects.exists()
