"""The pages of what is done to many: the question, the progress, the report, and whose they are."""

from datetime import timedelta

import pytest

from acuerdo.conversations import inbox
from acuerdo.conversations.bulk import running
from acuerdo.conversations.bulk_models import BulkJob
from acuerdo.conversations.models import Conversation
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.conversations.tests.test_bulk import again, bold
from acuerdo.customers import assignment
from acuerdo.customers.models import Customer
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives import clock

pytestmark = pytest.mark.django_db
BULK = "/conversaciones/masivas/"


def work() -> None:
    with clock.travel(NOW):
        while running.drain():
            pass


def test_the_list_has_a_box_for_each_row_and_none_for_who_only_reads(
    waiting: list[Customer],
    adviser: User,
    auditor: User,
) -> None:
    assert Browser(adviser).get("/conversaciones/").text.count("data-pick ") == 4
    page = Browser(auditor).get("/conversaciones/").text
    assert page.count('id="row_') == 4
    assert "data-pick" not in page


def test_the_question_says_how_many_and_changes_nothing(
    waiting: list[Customer],
    adviser: User,
) -> None:
    browser = Browser(adviser)
    some = ",".join(str(each.pk) for each in waiting[:2])
    assert "Omitir: 2 conversaciones" in browser.post(f"{BULK}omit/", htmx=True, customer=some).text
    every = browser.post(f"{BULK}omit/?pending=1", htmx=True, all="1", spared=waiting[0].pk).text
    assert "Omitir: 3 conversaciones" in every
    assert f'value="{waiting[0].pk}"' in every
    assert not BulkJob.objects.exists()


def test_agreed_to_it_is_done_reported_and_undone(
    waiting: list[Customer],
    adviser: User,
) -> None:
    browser = Browser(adviser)
    inbox.skip(waiting[0], by=adviser, at=NOW)
    form = {"all": "1", "sure": "1", "reason": "Ya pagaron"}
    drawer = browser.post(f"{BULK}omit/?pending=&q=", htmx=True, **form)
    assert "En curso" in drawer.text
    assert drawer["HX-Trigger"] == '{"bulk:started": {}}'
    job = BulkJob.objects.get()
    work()
    report = browser.get(f"{BULK}{job.pk}/", htmx=True).text
    assert "Omitir: 3 de 4." in report
    assert "No esperaba ninguna gestión." in report
    assert waiting[0].full_name in report
    browser.post(f"{BULK}{job.pk}/deshacer/")
    work()
    assert "Deshechas: 3." in browser.get(f"{BULK}{job.pk}/", htmx=True).text
    assert len(bold()) == 3


def test_without_scripts_each_step_is_a_page(
    waiting: list[Customer],
    adviser: User,
) -> None:
    browser = Browser(adviser)
    ticked = [each.pk for each in waiting[:2]]
    question = browser.post(f"{BULK}omit/", customer=ticked)
    assert "<h1>Omitir: 2 conversaciones" in question.text
    told = ",".join(map(str, ticked))
    answer = browser.post(f"{BULK}omit/", customer=told, sure="1")
    job = BulkJob.objects.get()
    assert answer["Location"] == f"{BULK}{job.pk}/"
    assert "Detener y deshacer" in browser.get(answer["Location"]).text
    assert f'href="{BULK}{job.pk}/"' in browser.get(BULK).text


def test_nobody_sees_or_undoes_another_s_job(
    waiting: list[Customer],
    adviser: User,
    supervisor: User,
    administrator: User,
) -> None:
    Browser(adviser).post(f"{BULK}omit/", customer=waiting[0].pk, sure="1")
    job = BulkJob.objects.get()
    for other in (supervisor, administrator):
        browser = Browser(other)
        assert browser.get(f"{BULK}{job.pk}/").status_code == 404
        assert browser.post(f"{BULK}{job.pk}/deshacer/").status_code == 404
        assert f"{BULK}{job.pk}/" not in browser.get(BULK).text
    assert again(job).status == "running"


def test_the_report_names_nobody_who_is_out_of_reach(
    waiting: list[Customer],
    adviser: User,
    other_adviser: User,
) -> None:
    browser = Browser(adviser)
    browser.post(f"{BULK}omit/", all="1", sure="1")
    assignment.assign(waiting[0], other_adviser, by=None, at=NOW)
    work()
    report = browser.get(f"{BULK}{BulkJob.objects.get().pk}/").text
    assert "Ya no está a su alcance." in report
    assert waiting[0].full_name not in report


def test_what_came_too_late_is_refused_in_words(
    waiting: list[Customer],
    adviser: User,
) -> None:
    browser = Browser(adviser)
    nobody = browser.post(f"{BULK}omit/", htmx=True, customer="987654", sure="1")
    assert nobody.status_code == 422
    assert "Ninguna conversación de su alcance" in nobody.text
    browser.post(f"{BULK}omit/", customer=waiting[0].pk, sure="1")
    job = BulkJob.objects.get()
    late = Browser(adviser, at=NOW + timedelta(hours=24))
    refused = late.post(f"{BULK}{job.pk}/deshacer/", htmx=True)
    assert refused.status_code == 409
    assert "pasaron 24 horas" in refused.text


def test_a_filter_that_means_nothing_any_more_chooses_nobody(
    waiting: list[Customer],
    adviser: User,
) -> None:
    browser = Browser(adviser)
    refused = browser.post(f"{BULK}omit/?channel=fax", htmx=True, all="1", sure="1")
    assert refused.status_code == 422
    assert not BulkJob.objects.exists()


def test_the_button_for_all_counts_no_further_than_a_thousand(
    waiting: list[Customer],
    adviser: User,
) -> None:
    browser = Browser(adviser)
    assert (
        "Elegir las 4 que coinciden" in browser.get(f"{BULK}conteo/", htmx=True, pending="1").text
    )
    Conversation.objects.exclude(pk=waiting[0].pk).update(pending_since=None)
    assert "la única que coincide" in browser.get(f"{BULK}conteo/", htmx=True, pending="1").text
    wrote(waiting[1])
