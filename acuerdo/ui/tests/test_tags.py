from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from acuerdo.primitives import clock
from acuerdo.primitives.money import Money

UI = Path(__file__).resolve().parent.parent


def render(source: str, path: str = "/lista/?cartera=1&cartera=2&after=xyz", **context: Any) -> str:
    context["request"] = context.get("request", RequestFactory().get(path))
    return Template("{% load ui %}" + source).render(Context(context))


def test_an_icon_without_words_is_hidden_from_readers() -> None:
    assert 'aria-hidden="true"' in render('{% icon "phone" %}')
    html = render('{% icon "phone" size=16 label="Llamada" %}')
    assert 'aria-label="Llamada"' in html
    assert "icons.svg#phone" in html
    assert "icon-16" in html


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    sprite = (UI / "static/ui/icons.svg").read_text()
    names = {line.split()[0] for line in (UI / "icons.txt").read_text().splitlines() if line}
    assert 'id="brand-whatsapp"' in sprite
    assert all(f'id="{name}"' in sprite for name in names if name != "#")


def test_money_takes_an_amount_or_a_money() -> None:
    html = render('{% money debt "PEN" %}', debt=Decimal("1245.90"))
    assert '<span class="money-symbol">S/</span>\xa01,245.90' in html
    assert "1.870.000" in render("{% money m %}", m=Money(Decimal(1870000), "COP"))
    assert render("{% money nothing %}", nothing=None) == "—"
    assert render('{{ debt|money_text:"PEN" }}', debt=Decimal(1)) == "S/\xa01.00"


def test_setting_a_parameter_forgets_the_place() -> None:
    assert render('{% link_with sort="-at" %}') == "?cartera=1&amp;cartera=2&amp;sort=-at"


def test_times_are_shown_by_our_clock() -> None:
    moment = datetime(2026, 11, 19, 19, 2, tzinfo=UTC)
    with clock.travel(moment):
        assert render('{{ m|short_time:"America/Lima" }}', m=moment) == "14:02"
        assert render('{{ m|day_heading:"America/Lima" }}', m=moment).startswith("Hoy, jueves")
    assert render("{{ m|short_time }}", m=None) == ""


def test_a_bar_divides_its_width_and_needs_no_inline_style() -> None:
    html = render("{% bar parts %}", parts=[("b1", Decimal(1)), ("b2", Decimal(3)), ("b3", 0)])
    assert 'width="25.00%"' in html
    assert 'x="25.00%" width="75.00%"' in html
    assert "b3" not in html
    assert "style" not in html
    assert "<rect" not in render("{% bar parts %}", parts=[])


def test_the_look_follows_the_person_and_without_one_the_browser() -> None:
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = "light"
    assert 'data-theme="dark"' in render("{% appearance %}", request=request, theme="dark")
    assert 'data-theme="light"' in render("{% appearance %}", request=request, theme="")
    request.COOKIES["theme"] = '"><script>'
    assert "script" not in render("{% appearance %}", request=request)


def test_a_field_ties_its_error_to_its_control() -> None:
    class Amount(forms.Form):
        amount = forms.DecimalField(label="Monto", help_text="En soles")

    form = Amount({"amount": "mucho"})
    html = render('{% include "ui/_field.html" with field=form.amount %}', form=form)
    assert 'aria-invalid="true"' in html
    assert 'id="id_amount_error"' in html
    assert 'class="input"' in html
    assert "id_amount_error" in html.split("aria-describedby=")[1][:60]
