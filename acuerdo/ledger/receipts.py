"""The proof of a payment that somebody uploads: a picture or a PDF, of a size that a phone makes."""

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 10 * 1024 * 1024
TYPES = ("application/pdf", "image/jpeg", "image/png", "image/webp", "image/gif")
# A name and what the browser told of it prove nothing: JPEG, PNG, WebP, GIF and PDF begin so, the
# last one perhaps after a mark or an empty line of whoever wrote it.
_BEGINNING = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|GIF8[79]a|(\xef\xbb\xbf)?[\r\n]*%PDF-", re.DOTALL
)
_HEAD_BYTES = 1024


class ReceiptField(forms.FileField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", _("PDF o imagen, hasta 10 MB."))
        super().__init__(widget=forms.FileInput({"accept": ",".join(TYPES)}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if isinstance(upload, UploadedFile):
            self._check(upload)
        return upload

    @staticmethod
    def _check(upload: UploadedFile) -> None:
        if upload.size and upload.size > MOST_BYTES:
            raise forms.ValidationError(_("La constancia pesa más de 10 MB."))
        head = upload.read(_HEAD_BYTES)
        upload.seek(0)
        if upload.content_type not in TYPES or not _BEGINNING.match(head):
            raise forms.ValidationError(
                _("Este archivo no es un PDF ni una imagen (JPG, PNG, WebP o GIF). Elija otro.")
            )
