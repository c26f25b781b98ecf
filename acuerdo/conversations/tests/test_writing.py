import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from acuerdo.channels import accounts
from acuerdo.conversations import attachments
from acuerdo.conversations.composer import drafts
from acuerdo.conversations.models import Attachment, Message, Outgoing, ReplyDraft
from acuerdo.conversations.tests.screens import Browser, wrote
from acuerdo.customers.models import Customer
from acuerdo.interactions.models import Status
from acuerdo.organization.models import User
from acuerdo.organization.tests.cast import NOW
from acuerdo.primitives.refusals import Refusal

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def browser(adviser: User, overdue: Customer) -> Browser:
    wrote(overdue)
    return Browser(adviser)


def place(customer: Customer, part: str = "mensajes/") -> str:
    return f"/conversaciones/{customer.pk}/{part}"


def said(body: str = "Claro que sí.", **more: Any) -> dict[str, Any]:
    return {"channel": "whatsapp", "body": body, "key": uuid4().hex} | more


def uploaded(browser: Browser, customer: Customer, name: str = "plan.png") -> Attachment:
    file = SimpleUploadedFile(name, PNG)
    browser.post(place(customer, "adjuntos/"), htmx=True, channel="whatsapp", uploads=file)
    return Attachment.objects.latest("pk")


def test_an_uploaded_file_leaves_with_the_message(browser: Browser, overdue: Customer) -> None:
    file = uploaded(browser, overdue)
    answer = browser.post(place(overdue), htmx=True, **said("", files=[file.pk]))
    assert answer.status_code == 200
    message = Message.objects.get(interaction__direction="outgoing")
    assert [each.filename for each in message.attachments.all()] == ["plan.png"]
    assert message.kind == "image"


def test_without_scripts_the_file_comes_with_the_form(browser: Browser, overdue: Customer) -> None:
    browser.post(place(overdue), **said("Mira", uploads=SimpleUploadedFile("plan.png", PNG)))
    assert Message.objects.get(body="Mira").attachments.count() == 1


def test_the_file_of_a_refused_message_leaves_a_row_by_which_it_is_swept(
    browser: Browser, overdue: Customer
) -> None:
    file = SimpleUploadedFile("plan.png", PNG)
    answer = browser.post(place(overdue), **said("Hola {{nada}}", uploads=file))
    assert answer.status_code == 422
    assert not Message.objects.filter(interaction__direction="outgoing").exists()
    row = Attachment.objects.get()
    assert row.file.storage.exists(row.file.name)


def test_a_file_that_will_not_do_is_named_and_not_kept(browser: Browser, overdue: Customer) -> None:
    file = SimpleUploadedFile("virus.exe", b"MZ")
    answer = browser.post(place(overdue, "adjuntos/"), channel="whatsapp", uploads=file)
    assert "virus.exe" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_nobody_sends_a_file_that_another_uploaded(
    browser: Browser, overdue: Customer, supervisor: User
) -> None:
    file = uploaded(Browser(supervisor), overdue)
    answer = browser.post(place(overdue), htmx=True, **said("Mira", files=[file.pk]))
    assert answer.status_code == 422
    assert "Vuelva a adjuntarlo" in answer.content.decode()


def test_nobody_sends_a_file_that_was_uploaded_for_another_customer(
    browser: Browser, overdue: Customer, up_to_date: Customer
) -> None:
    file = uploaded(browser, up_to_date, "estado.png")
    answer = browser.post(place(overdue), htmx=True, **said("Mira", files=[file.pk]))
    assert answer.status_code == 422
    assert "Vuelva a adjuntarlo" in answer.text
    assert "estado.png" not in answer.text
    note = {"channel": "note", "body": "Mira", "key": uuid4().hex, "files": [file.pk]}
    assert browser.post(place(overdue), htmx=True, **note).status_code == 422
    browser.post(place(overdue, "borrador/"), **said("x", version=0, files=[file.pk]))
    assert "estado.png" not in browser.get(place(overdue, "")).text


def test_what_was_uploaded_is_no_longer_read_once_the_customer_is_lost(
    browser: Browser, overdue: Customer, other_adviser: User
) -> None:
    address = f"/conversaciones/archivos/{uploaded(browser, overdue).pk}/"
    assert browser.get(address).getvalue() == PNG
    Customer.objects.filter(pk=overdue.pk).update(adviser=other_adviser)
    assert browser.get(address).status_code == 404


def test_what_was_typed_is_there_after_a_reload(browser: Browser, overdue: Customer) -> None:
    file = uploaded(browser, overdue)
    draft = said("A medias", version=0, files=[file.pk])
    kept = browser.post(place(overdue, "borrador/"), **draft)
    assert kept.json() == {"version": 1}
    page = browser.get(place(overdue, "")).content.decode()
    assert ">A medias</textarea>" in page
    assert "plan.png" in page
    assert 'data-version="1"' in page


def test_another_tab_does_not_overwrite_a_draft(browser: Browser, overdue: Customer) -> None:
    browser.post(place(overdue, "borrador/"), **said("Primera", version=0))
    second = browser.post(place(overdue, "borrador/"), **said("Segunda", version=0))
    assert second.status_code == 409
    assert ReplyDraft.objects.get().body == "Primera"


def test_an_empty_box_leaves_no_draft_behind(browser: Browser, overdue: Customer) -> None:
    kept = browser.post(place(overdue, "borrador/"), **said(" ", version=3))
    assert kept.json() == {"version": 3}
    assert not ReplyDraft.objects.exists()


def test_a_draft_that_loses_no_word_is_no_conflict(browser: Browser, overdue: Customer) -> None:
    browser.post(place(overdue, "borrador/"), **said("Hola", version=0))
    again = browser.post(place(overdue, "borrador/"), **said("Hola, Olga", version=0))
    assert again.status_code == 200
    assert ReplyDraft.objects.get().body == "Hola, Olga"
    browser.post(place(overdue, "borrador/"), **said("", version=again.json()["version"]))
    assert browser.post(place(overdue, "borrador/"), **said("Adiós", version=0)).status_code == 200


def test_a_refused_message_leaves_the_version_of_its_draft(
    browser: Browser, overdue: Customer
) -> None:
    form = said("Mañana", due_at="x", at_moment="1")
    version = browser.post(place(overdue, "borrador/"), **form, version=0).json()["version"]
    assert f'data-version="{version}"' in browser.post(place(overdue), htmx=True, **form).text


def test_two_tabs_that_begin_a_draft_at_once_are_told(
    adviser: User, overdue: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: dict[str, Any] = {"channel": "sms", "version": 0, "by": adviser, "at": NOW}
    drafts.save(overdue, body="Primera", **begun)
    # What the second one saw before the first was there.
    nothing = ReplyDraft.objects.none()
    monkeypatch.setattr(ReplyDraft.objects, "select_for_update", lambda: nothing)
    with pytest.raises(Refusal) as refused:
        drafts.save(overdue, body="Segunda", **begun)
    assert refused.value.code == "stale_draft"
    assert ReplyDraft.objects.get().body == "Primera"


@pytest.mark.parametrize(
    ("junk", "status"),
    [({"files": "²"}, 200), ({"files": "9" * 30}, 200), ({"version": 2**31 - 1}, 422)],
)
def test_a_draft_of_junk_is_no_error_of_ours(
    browser: Browser, overdue: Customer, junk: dict[str, Any], status: int
) -> None:
    answer = browser.post(place(overdue, "borrador/"), **said("x", version=0) | junk)
    assert answer.status_code == status


def test_a_draft_ends_with_its_message_and_does_not_come_back(
    browser: Browser, overdue: Customer
) -> None:
    form = said("Va")
    browser.post(place(overdue, "borrador/"), **form, version=0)
    browser.post(place(overdue), htmx=True, **form)
    assert not ReplyDraft.objects.exists()
    browser.post(place(overdue, "borrador/"), **form, version=1)
    assert not ReplyDraft.objects.exists()


def test_a_message_can_be_taken_back_for_a_moment(
    browser: Browser, overdue: Customer, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 5
    html = browser.post(place(overdue), htmx=True, **said("Ups")).content.decode()
    message = Message.objects.get(body="Ups")
    assert Outgoing.objects.get().due_at == NOW + timedelta(seconds=5)
    undo = f"{place(overdue)}{message.pk}/cancelacion/?canal=whatsapp&repetir={message.pk}"
    assert undo.replace("&", "&amp;") in html
    again = browser.post(undo, htmx=True).content.decode()
    message.interaction.refresh_from_db()
    assert message.interaction.status == Status.CANCELLED
    assert ">Ups</textarea>" in again


@pytest.mark.parametrize(
    ("moment", "status"),
    [("2026-06-11T10:00", 200), ("2026-06-01T10:00", 422), ("x", 422), ("", 422)],
)
def test_send_later_takes_a_moment_to_come(
    browser: Browser, overdue: Customer, moment: str, status: int
) -> None:
    form = said("Mañana", due_at=moment, at_moment="1")
    assert browser.post(place(overdue), htmx=True, **form).status_code == status
    due = Outgoing.objects.values_list("due_at", flat=True).first()
    wanted = datetime.fromisoformat("2026-06-11T15:00+00:00")
    assert due == (wanted if status == 200 else None)


def test_programming_without_a_moment_is_refused_at_its_field(
    browser: Browser, overdue: Customer
) -> None:
    html = browser.post(place(overdue), htmx=True, **said("Mañana", due_at="", at_moment="1")).text
    assert not Outgoing.objects.exists()
    assert ">Mañana</textarea>" in html
    assert 'name="due_at" value="" aria-invalid="true"' in html
    assert "Elija el día y la hora del envío." in html
    assert '<details class="menu menu-up" id="later" open>' in html


def test_an_email_asks_for_its_subject(browser: Browser, overdue: Customer) -> None:
    accounts.create(name="Correo", channel="email", adapter="simulated", at=NOW)
    form = said("Hola", channel="email", subject=" ")
    answer = browser.post(place(overdue), htmx=True, **form)
    assert answer.status_code == 422
    assert not Outgoing.objects.exists()
    assert "Escriba el asunto del correo." in answer.text
    assert re.search(r'id="reply-subject"[^>]*aria-invalid="true"', answer.text)
    assert browser.post(place(overdue), **form | {"subject": "Su plan"}).status_code == 302


def test_later_at_a_closed_hour_is_refused(browser: Browser, overdue: Customer) -> None:
    form = said("Madrugada", due_at="2026-06-11T03:00", at_moment="1")
    assert browser.post(place(overdue), htmx=True, **form).status_code == 422
    assert not Outgoing.objects.exists()


def test_an_answer_names_the_message_it_answers(browser: Browser, overdue: Customer) -> None:
    theirs = Message.objects.get()
    page = browser.get(place(overdue, ""), responde=theirs.pk).content.decode()
    assert f'name="responds" value="{theirs.pk}"' in page
    browser.post(place(overdue), htmx=True, **said("Sí", responds=theirs.pk))
    assert Message.objects.get(body="Sí").quotes == theirs.provider_id


def test_an_sms_is_counted_and_its_odd_letters_named(browser: Browser, overdue: Customer) -> None:
    answer = browser.post(place(overdue, "segmentos/"), body="Hola ☺" + "a" * 70)
    words = answer.content.decode()
    assert "2 SMS" in words
    assert "«☺»" in words


def test_an_sms_that_is_too_long_is_told_how_much(browser: Browser, overdue: Customer) -> None:
    fits = browser.post(place(overdue, "segmentos/"), body="a" * 1600)
    assert (fits.status_code, "1600 caracteres" in fits.text) == (200, True)
    answer = browser.post(place(overdue, "segmentos/"), body="a" * 5000)
    assert answer.status_code == 422
    assert answer.text == "El texto pasa de 1600 letras. Quite 3400."


def test_why_tells_of_each_hand_over_and_of_the_rules(browser: Browser, overdue: Customer) -> None:
    browser.post(place(overdue), htmx=True, **said("Va"))
    message = Message.objects.get(body="Va")
    address = place(overdue, f"historial/{message.pk}/")
    assert "Todavía no se entregó" in browser.get(address, htmx=True).content.decode()
    message.attempts.create(token="t-1", started_at=NOW, outcome="refused", code="429")
    words = browser.get(address, htmx=True).content.decode()
    assert "Rechazado" in words
    assert "ir más despacio" in words


def test_uploads_never_sent_go_after_a_day_with_their_bytes(
    browser: Browser, overdue: Customer
) -> None:
    left, drafted, sent = (uploaded(browser, overdue, f"{number}.png") for number in range(3))
    browser.post(place(overdue), **said("Va", files=[sent.pk]))
    browser.post(place(overdue, "borrador/"), **said("x", version=0, files=[drafted.pk]))
    assert attachments.forget_unsent(at=drafted.created_at + timedelta(hours=23)) == 0
    assert attachments.forget_unsent(at=drafted.created_at + timedelta(hours=25)) == 1
    assert set(Attachment.objects.all()) == {drafted, sent}
    assert not left.file.storage.exists(left.file.name)
    assert sent.file.storage.exists(sent.file.name)


def test_a_file_uploaded_for_one_channel_does_not_leave_by_another(
    browser: Browser, overdue: Customer
) -> None:
    file = SimpleUploadedFile("todo.zip", b"PK")
    browser.post(place(overdue, "adjuntos/"), htmx=True, channel="email", uploads=file)
    kept = Attachment.objects.get()
    answer = browser.post(place(overdue), htmx=True, **said("Va", files=[kept.pk]))
    assert answer.status_code == 422
    assert "«todo.zip» no se puede enviar por este canal." in answer.content.decode()


def test_what_is_taken_back_returns_with_its_files(browser: Browser, overdue: Customer) -> None:
    file = uploaded(browser, overdue)
    browser.post(place(overdue), htmx=True, **said("Mire el plan", files=[file.pk]))
    sent = Message.objects.get(interaction__direction="outgoing")
    address = place(overdue, f"mensajes/{sent.pk}/cancelacion/?canal=whatsapp&repetir={sent.pk}")
    html = browser.post(address, htmx=True).content.decode()
    assert ">Mire el plan</textarea>" in html
    assert f'name="files" value="{file.pk}"' in html
    browser.post(place(overdue), htmx=True, **said("Ahora sí", files=[file.pk]))
    assert [each.filename for each in Message.objects.get(body="Ahora sí").attachments.all()]


def test_what_was_typed_meanwhile_stays_below_what_comes_back(
    browser: Browser, overdue: Customer
) -> None:
    browser.post(place(overdue), htmx=True, **said("Primero"))
    sent = Message.objects.get(body="Primero")
    browser.post(place(overdue, "borrador/"), **said("Segundo", version=0))
    address = place(overdue, f"mensajes/{sent.pk}/cancelacion/?canal=whatsapp&repetir={sent.pk}")
    assert ">Primero\nSegundo</textarea>" in browser.post(address, htmx=True).content.decode()


@pytest.fixture
def planned(browser: Browser, overdue: Customer) -> Message:
    file = uploaded(browser, overdue)
    later = said("Mañana", due_at="2026-06-11T10:30", at_moment="1", files=[file.pk])
    browser.post(place(overdue), htmx=True, **later)
    return Message.objects.get(body="Mañana")


def test_a_scheduled_message_stays_so_while_it_is_edited(
    browser: Browser, overdue: Customer, planned: Message
) -> None:
    thread = browser.get(place(overdue, "")).text
    assert f"?canal=whatsapp&amp;editar={planned.pk}" in thread
    html = browser.get(place(overdue, ""), canal="whatsapp", editar=planned.pk).text
    assert ">Mañana</textarea>" in html
    assert 'value="2026-06-11T10:30"' in html
    assert "plan.png" in html
    assert f'name="replaces" value="{planned.pk}"' in html
    assert "data-saves" not in html
    # The tab keeps the change, apart from the draft of the same channel.
    assert "data-keeps" in html
    assert f'data-draft="{overdue.pk}-whatsapp-{planned.pk}"' in html
    planned.interaction.refresh_from_db()
    assert planned.interaction.status == Status.SCHEDULED


def test_the_edited_message_takes_the_place_of_the_scheduled(
    browser: Browser, overdue: Customer, planned: Message
) -> None:
    files = [each.pk for each in planned.attachments.all()]
    browser.post(place(overdue, "borrador/"), **said("Otra cosa", version=0))
    form = said("Pasado", due_at="2026-06-11T11:00", at_moment="1", files=files)
    answer = browser.post(place(overdue), htmx=True, replaces=planned.pk, **form)
    assert answer.status_code == 200
    planned.interaction.refresh_from_db()
    assert planned.interaction.status == Status.CANCELLED
    assert Outgoing.objects.get().message.body == "Pasado"
    assert Message.objects.get(body="Pasado").attachments.count() == 1
    assert ">Otra cosa</textarea>" in answer.text


@pytest.mark.parametrize("wrong", [{"due_at": ""}, {"body": "{{nada}}"}])
def test_a_change_that_is_refused_leaves_the_message_scheduled(
    browser: Browser, overdue: Customer, planned: Message, wrong: dict[str, str]
) -> None:
    form = said("Pasado", due_at="2026-06-11T11:00", at_moment="1", replaces=planned.pk) | wrong
    answer = browser.post(place(overdue), htmx=True, **form)
    assert answer.status_code == 422
    assert f'name="replaces" value="{planned.pk}"' in answer.text
    assert 'id="reply-error"' in answer.text
    assert Outgoing.objects.get().message == planned
    assert planned.attachments.count() == 1


def test_a_change_that_comes_too_late_is_not_sent_beside_it(
    browser: Browser, overdue: Customer, planned: Message
) -> None:
    type(planned.interaction).objects.filter(pk=planned.pk).update(status=Status.SENT)
    form = said("Pasado", due_at="2026-06-11T11:00", at_moment="1", replaces=planned.pk)
    answer = browser.post(place(overdue), htmx=True, **form)
    assert "ya salió o se canceló" in answer.text
    assert ">Pasado</textarea>" in answer.text
    assert 'name="replaces"' not in answer.text
    assert not Message.objects.filter(body="Pasado").exists()


def test_once_a_worker_has_it_nothing_comes_back(browser: Browser, overdue: Customer) -> None:
    browser.post(place(overdue), htmx=True, **said("Ya salió"))
    sent = Message.objects.get(body="Ya salió")
    sent.interaction.__class__.objects.filter(pk=sent.pk).update(status=Status.SENT)
    address = place(overdue, f"mensajes/{sent.pk}/cancelacion/?canal=whatsapp&repetir={sent.pk}")
    browser.post(address, htmx=True)
    assert not ReplyDraft.objects.exists()
    assert Outgoing.objects.filter(message=sent).exists()


def test_a_page_with_its_own_bubbles_keeps_the_box_it_writes_in(
    browser: Browser, overdue: Customer
) -> None:
    html = browser.post(place(overdue), htmx=True, **said(bubble="1")).content.decode()
    assert 'id="composer"' not in html
    assert 'id="reply-send"' in html
    assert 'id="latest"' in html
