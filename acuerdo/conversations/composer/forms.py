"""What an adviser types in a conversation. The operations decide whether it will do."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.team import note_fields
from acuerdo.interactions.models import Handling, NoteChannel
from acuerdo.primitives import clock

# WhatsApp takes no more; an e-mail may be longer than people read.
LONGEST = {Channel.WHATSAPP: 4096, Channel.SMS: 1600, Channel.EMAIL: 20_000}
NOTE = "note"
NO_TEXT = {"required": _("Escriba el texto del mensaje.")}


class FilesForm(forms.Form):
    @property
    def file_ids(self) -> list[int]:
        """What was uploaded while writing; read from the data, as one field has many values."""
        told = self.data.getlist("files") if isinstance(self.data, QueryDict) else []
        return [int(each) for each in told if each.isascii() and each.isdigit() and len(each) < 19]


class MessageForm(FilesForm):
    channel = forms.ChoiceField(choices=[(each, each.label) for each in LONGEST])
    subject = forms.CharField(max_length=200, required=False)
    body = forms.CharField(max_length=20_000, required=False, strip=True)
    template = forms.ModelChoiceField(MessageTemplate.objects.all(), required=False)
    key = forms.RegexField(r"^[A-Za-z0-9_-]{10,60}$")
    later = forms.BooleanField(required=False)
    due_at = forms.CharField(max_length=20, required=False)
    # The scheduled message that this one takes the place of.
    replaces = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    responds = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    # How far the page showed the conversation: now, when the send was held, and as insisted on.
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**62)
    held = forms.IntegerField(required=False, min_value=0, max_value=2**62)
    anyway = forms.IntegerField(required=False, min_value=0, max_value=2**62)

    def __init__(self, *args: Any, zone: str = "UTC", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    @property
    def read_up_to(self) -> int | None:
        """A held send stays held, however far its page has read on meanwhile."""
        held: int | None = self.cleaned_data.get("held")
        return self.cleaned_data.get("seen") if held is None else held

    @property
    def agreed(self) -> int:
        return self.cleaned_data.get("anyway") or 0

    def clean_due_at(self) -> datetime | None:
        """A moment on the organisation's clock, as the box shows it; only with its own button."""
        text = self.cleaned_data["due_at"]
        if "at_moment" not in self.data:
            return None
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.zone))
        except ValueError:
            raise forms.ValidationError(_("Elija el día y la hora del envío.")) from None
        if moment <= clock.now():
            raise forms.ValidationError(_("Esa hora ya pasó. Elija una futura."))
        return moment

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if not data.get("body") and not self.file_ids and not self.files:
            self.add_error("body", NO_TEXT["required"])
        if data.get("channel") == Channel.EMAIL and not data.get("subject"):
            self.add_error("subject", _("Escriba el asunto del correo."))
        longest = LONGEST.get(data.get("channel", ""), 0)
        if longest and len(data.get("body", "")) > longest:
            self.add_error("body", _("El texto pasa de %d letras.") % longest)
        return data

    def clean_body(self) -> str:
        """Browsers end lines in another way than templates are kept."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n")

    @property
    def used_template(self) -> MessageTemplate | None:
        """The template it came from, as long as its words are still there."""
        template: MessageTemplate | None = self.cleaned_data.get("template")
        if template is None or template.channel != self.cleaned_data["channel"]:
            return None
        return template if template.body.strip() in self.cleaned_data["body"] else None


class DraftForm(FilesForm):
    channel = forms.ChoiceField(choices=[*((each, each.label) for each in LONGEST), (NOTE, NOTE)])
    subject = forms.CharField(max_length=200, required=False)
    body = forms.CharField(max_length=20_000, required=False, strip=False)
    # The next one has to fit as well.
    version = forms.IntegerField(min_value=0, max_value=2**31 - 2)
    key = forms.CharField(max_length=60, required=False)


class NoteForm(FilesForm):
    body = forms.CharField(max_length=10_000, error_messages={"required": _("Escriba la nota.")})
    channel_of_origin = forms.ChoiceField(choices=[("", ""), *NoteChannel.choices], required=False)
    code = forms.CharField(max_length=80, required=False)
    handling = forms.ChoiceField(choices=[("", ""), *Handling.choices], required=False)
    corrects = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    @property
    def about(self) -> note_fields.Told:
        """The fields beside the text."""
        data = self.cleaned_data
        return note_fields.Told(data["channel_of_origin"], data["code"], data["handling"])


class SkipForm(forms.Form):
    reason = forms.CharField(label=_("Motivo (opcional)"), max_length=200, required=False)
