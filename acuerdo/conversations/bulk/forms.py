"""What is asked before something is done to many. The hidden fields carry the selection along."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from acuerdo.channels.models import Channel
from acuerdo.channels.provider_templates import APPROVED
from acuerdo.conversations.bulk_models import BulkAction
from acuerdo.conversations.models import Conversation, MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.customers import pauses
from acuerdo.customers.forms import advisers_of, portfolios_of
from acuerdo.customers.models import Customer
from acuerdo.organization import settings
from acuerdo.organization.models import User
from acuerdo.primitives import clock
from acuerdo.primitives.refusals import Refusal
from acuerdo.ui.typing import day_field


class BulkForm(forms.Form):
    customer = forms.CharField(required=False, widget=forms.HiddenInput)
    all = forms.CharField(required=False, widget=forms.HiddenInput)
    spared = forms.CharField(required=False, widget=forms.HiddenInput)
    # Said only by the form itself: what comes from the list is the wish to see it.
    sure = forms.CharField(initial="1", widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    # What the button says instead of its usual word.
    button = ""

    @property
    def terms(self) -> dict[str, Any]:
        """What was typed, as the job keeps it."""
        return {}

    def is_ready(self, rows: QuerySet[Conversation]) -> bool:  # noqa: ARG002 - see TemplateForm
        """Whether it can be done, or there is something more to be seen of it first."""
        return True


class OmitForm(BulkForm):
    reason = forms.CharField(label=_("Motivo"), max_length=200, required=False)

    @property
    def terms(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class AssignForm(BulkForm):
    adviser = forms.ModelChoiceField(
        label=_("Asesor"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Sin asignar"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        adviser = cast("forms.ModelChoiceField[Any]", self.fields["adviser"])
        adviser.queryset = advisers_of(user).order_by("name")

    @property
    def terms(self) -> dict[str, Any]:
        adviser = self.cleaned_data["adviser"]
        return {"adviser": adviser.pk if adviser else None, "name": adviser.name if adviser else ""}


class PauseForm(BulkForm):
    until = day_field(_("Reanudar el"))
    note = forms.CharField(
        label=_("Motivo"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

    def clean_until(self) -> date:
        """By the day of the organisation; where it is another day already, each is told apart."""
        until: date = self.cleaned_data["until"]
        try:
            pauses.check_end(until, today=clock.today(settings.current().time_zone))
        except Refusal as refusal:
            raise ValidationError(refusal.sentence, code=refusal.code) from refusal
        return until

    @property
    def terms(self) -> dict[str, Any]:
        return {"until": self.cleaned_data["until"].isoformat(), "note": self.cleaned_data["note"]}


# Django's class is generic to the type checker alone.
class TemplateChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Its channel is said as well: a name does not tell it."""

    def label_from_instance(self, obj: MessageTemplate) -> str:
        return f"{obj.name} · {Channel(obj.channel).label}"


class TemplateForm(BulkForm):
    """Sent only once its text was seen, as one of those chosen would read it."""

    template = TemplateChoice(
        label=_("Plantilla"), queryset=MessageTemplate.objects.none(), empty_label=_("Elija una")
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        template = cast("TemplateChoice", self.fields["template"])
        theirs = Q(portfolio=None) | Q(portfolio__in=portfolios_of(user))
        usable = Q(provider_template=None) | Q(provider_template__status=APPROVED)
        rows = MessageTemplate.objects.filter(theirs, usable, is_active=True)
        template.queryset = rows.exclude(channel=Channel.CALL)

    @property
    def terms(self) -> dict[str, Any]:
        template = self.cleaned_data["template"]
        return {"template": template.pk, "version": template.version, "name": template.name}

    def is_ready(self, rows: QuerySet[Conversation]) -> bool:
        template = self.cleaned_data["template"]
        read = f"{template.pk}.{template.version}"
        if self.cleaned_data["seen"] == read:
            return True
        # One by one: unpacked at once, what was posted would give lists.
        self.data = {name: self.data[name] for name in self.data} | {"seen": read}
        self.button = gettext("Enviar")
        if template.portfolio_id:
            rows = rows.filter(portfolio_id=template.portfolio_id)
        row = rows.select_related("customer").order_by("pk").first()
        if row:
            self.fields["sample"] = _sample(template, row.customer)
        return False


def _sample(template: MessageTemplate, customer: Customer) -> forms.CharField:
    words = message_templates.render(template, customer, at=clock.now())
    return forms.CharField(
        label=gettext("Así lo leería %(name)s") % {"name": customer.full_name},
        initial="\n\n".join(filter(None, (words.subject, words.body))),
        widget=forms.Textarea({"rows": 8}),
        disabled=True,
    )


FORMS: dict[str, type[BulkForm]] = {
    BulkAction.OMIT: OmitForm,
    BulkAction.ASSIGN: AssignForm,
    BulkAction.PAUSE: PauseForm,
    BulkAction.TEMPLATE: TemplateForm,
}
