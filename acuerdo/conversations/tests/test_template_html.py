import pytest

from acuerdo.conversations.templating import template_html
from acuerdo.primitives.refusals import Refusal

PAGE = """<html><head><style>p { color: #123456; position: fixed } .b { padding: 4px }</style></head>
<body><p>Hola, {{nombre}}</p><p class="b">Debe <b>{{saldo_total}}</b></p>
<a href="https://pago.example/?d={{documento}}">Pagar</a><img src="https://a.example/l.png" alt="Sol">
</body></html>"""


def test_styles_move_into_the_elements_and_tags_stay_as_they_are() -> None:
    made = template_html.compiled(PAGE)
    assert '<p style="color:#123456">Hola, {{nombre}}</p>' in made.replace(": ", ":").replace(
        ";", ""
    )
    assert 'href="https://pago.example/?d={{documento}}"' in made
    assert "<style" not in made
    assert "position" not in made


def test_plain_twin_says_the_same() -> None:
    text = template_html.text_of(PAGE)
    assert text.startswith("Hola, {{nombre}}\n\nDebe {{saldo_total}}")
    assert "Pagar (https://pago.example/?d={{documento}})" in text


@pytest.mark.parametrize(
    "poison",
    [
        "<script>alert(1)</script>", "<form action='x'>", "<iframe src='x'>", "<svg/onload=x>",
        "<img src=x onerror=alert(1)>", "<link rel=stylesheet href=file:///etc/passwd>",
    ],
)  # fmt: skip
def test_what_mail_programs_block_is_refused_by_name(poison: str) -> None:
    with pytest.raises(Refusal) as refused:
        template_html.compiled(f"<p>Hola</p>{poison}")
    assert refused.value.field == "html"


@pytest.mark.parametrize(
    "source",
    [
        "<a href='javascript:alert(1)'>x</a>", "<style>@import url(http://x.example/a.css);</style>",
        "<p style='background:url(http://x.example/a)'>x</p>",
    ],
)  # fmt: skip
def test_nothing_that_runs_or_fetches_unasked_is_left(source: str) -> None:
    made = template_html.compiled(source)
    assert "javascript" not in made
    assert "x.example" not in made


def test_too_much_is_refused() -> None:
    with pytest.raises(Refusal):
        template_html.compiled("<p>x</p>" * 20_000)
