"""What an adviser types in a conversation. The operations decide whether it will do."""

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import MessageTemplate

# WhatsApp takes no more; an e-mail may be longer than people read.
LONGEST = {Channel.WHATSAPP: 4096, Channel.SMS: 1600, Channel.EMAIL: 20_000}
NO_TEXT = {"required": _("Escribe el texto del mensaje.")}


class MessageForm(forms.Form):
    channel = forms.ChoiceField(choices=[(each, each.label) for each in LONGEST])
    subject = forms.CharField(max_length=200, required=False)
    body = forms.CharField(max_length=20_000, error_messages=NO_TEXT, strip=True)
    template = forms.ModelChoiceField(MessageTemplate.objects.all(), required=False)
    key = forms.RegexField(r"^[A-Za-z0-9_-]{10,60}$")
    later = forms.BooleanField(required=False)

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        longest = LONGEST.get(data.get("channel", ""), 0)
        if longest and len(data.get("body", "")) > longest:
            self.add_error("body", _("El texto pasa de %d letras.") % longest)
        return data

    @property
    def used_template(self) -> MessageTemplate | None:
        """The template it came from, as long as its words are still there."""
        template: MessageTemplate | None = self.cleaned_data.get("template")
        if template is None or template.channel != self.cleaned_data["channel"]:
            return None
        return template if template.body.strip() in self.cleaned_data["body"] else None


class NoteForm(forms.Form):
    body = forms.CharField(max_length=10_000, error_messages={"required": _("Escribe la nota.")})


class SkipForm(forms.Form):
    reason = forms.CharField(label=_("Motivo (opcional)"), max_length=200, required=False)
