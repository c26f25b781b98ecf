"""What is asked before something is done to many. The hidden fields carry the selection along."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from acuerdo.conversations.bulk_models import BulkAction
from acuerdo.organization.models import User


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


FORMS: dict[str, type[BulkForm]] = {BulkAction.OMIT: OmitForm}
