import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from acuerdo.ledger.receipts import MOST_BYTES, ReceiptField

PAGE = b"<html><script>alert(1)</script></html>"
PICTURES = {
    "image/jpeg": b"\xff\xd8\xff\xe0", "image/png": b"\x89PNG\r\n\x1a\n", "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x0a\x00\x00\x00WEBP", "application/pdf": b"%PDF-1.7",
}  # fmt: skip


@pytest.mark.parametrize("content_type", PICTURES)
def test_a_receipt_is_what_it_begins_as(content_type: str) -> None:
    good = SimpleUploadedFile("constancia", PICTURES[content_type] + b"...", content_type)
    assert ReceiptField().clean(good).read().startswith(PICTURES[content_type])
    for content in (PAGE, b" " + PICTURES[content_type], b"RIFF\x0a\x00\x00\x00WAVE"):
        with pytest.raises(ValidationError, match="no es un PDF ni una imagen"):
            ReceiptField().clean(SimpleUploadedFile("evil.jpg", content, content_type))


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n", b"\n"])
def test_a_pdf_may_begin_after_a_mark_or_an_empty_line(before: bytes) -> None:
    upload = SimpleUploadedFile("a.pdf", before + b"%PDF-1.4", "application/pdf")
    assert ReceiptField().clean(upload) is upload


def test_a_receipt_of_another_type_or_size_is_refused() -> None:
    with pytest.raises(ValidationError, match="no es un PDF"):
        ReceiptField().clean(SimpleUploadedFile("a.html", b"%PDF-1.7", "text/html"))
    large = b"%PDF-" + b" " * MOST_BYTES
    with pytest.raises(ValidationError, match="10 MB"):
        ReceiptField().clean(SimpleUploadedFile("a.pdf", large, "application/pdf"))
