"""What is asked before something is done to many. The hidden fields carry the selection along."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from acuerdo.conversations.bulk_models import BulkAction
from acuerdo.customers import pauses
from acuerdo.customers.forms import advisers_of
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

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        self.user = user
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def terms(self) -> dict[str, Any]:
        """What was typed, as the job keeps it."""
        return {}


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

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
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


FORMS: dict[str, type[BulkForm]] = {
    BulkAction.OMIT: OmitForm,
    BulkAction.ASSIGN: AssignForm,
    BulkAction.PAUSE: PauseForm,
}
