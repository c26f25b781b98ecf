"""Formatting and small pieces for templates. No query and no decision is made here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Protocol
from uuid import uuid4

from django import template
from django.db.models import Model
from django.forms import BoundField
from django.http import QueryDict
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from acuerdo.primitives import clock
from acuerdo.ui import formatting, fragments, navigation
from acuerdo.ui.formatting import MoneyText
from acuerdo.ui.keys import OwnKeys

register = template.Library()

CURSORS = ("after", "before")


class HasAmount(Protocol):
    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...


@register.simple_tag
def icon(
    name: str, size: int = 20, *, filled: bool = False, label: str = "", classes: str = ""
) -> SafeString:
    """A symbol of the sprite. Without a label it is decoration and the words beside it speak."""
    identifier = f"{name}-filled" if filled else name
    css = " ".join(filter(None, ("icon", f"icon-{size}" if size != 20 else "", classes)))
    css = f"{css} icon-filled" if filled else css
    about = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html(
        '<svg class="{}" {}><use href="{}#{}"></use></svg>',
        css,
        about,
        static("ui/icons.svg"),
        identifier,
    )


@register.simple_tag(takes_context=True)
def key_cap(context: Context, named: str, classes: str = "") -> SafeString:
    """The key that this person presses for what the screens call ``named``; nothing without one."""
    own: OwnKeys = context.get("shortcuts") or OwnKeys()
    pressed = own.of(named) if own.is_on else ""
    css = f"key {classes}".strip()
    return (
        format_html('<kbd class="{}">{}</kbd>', css, pressed.upper()) if pressed else SafeString()
    )


@register.simple_tag
def dom_id(row: Model, prefix: str = "") -> str:
    return fragments.dom_id(row, prefix)


@register.simple_tag(takes_context=True)
def oob(context: Context) -> SafeString:
    """Placed in a fragment's root element: swapped out of band when the view passes oob=True."""
    return mark_safe('hx-swap-oob="true"') if context.get("oob") else mark_safe("")


@register.simple_tag
def once() -> SafeString:
    """Beside csrf_token in a form that must not do its work twice when it is sent twice."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid4().hex)


@register.simple_tag(name="money")
def money_tag(
    amount: Decimal | HasAmount | None, currency: str = "", *, iso: bool = False, classes: str = ""
) -> SafeString:
    if amount is None:
        return mark_safe("—")
    text = _written(amount, currency, iso=iso)
    css = f"money {classes}".strip()
    return format_html(
        '<span class="{}"><span class="money-symbol">{}</span>{}{}</span>',
        css,
        text.symbol,
        formatting.NBSP,
        text.digits,
    )


@register.filter
def price(rate: HasAmount) -> str:
    return formatting.price(rate.amount, rate.currency)


@register.filter(name="money")
def money_filter(amount: Decimal | HasAmount | None, currency: str = "") -> SafeString:
    return money_tag(amount, currency)


@register.filter
def money_text(amount: Decimal | HasAmount | None, currency: str = "") -> str:
    """Without markup, for titles and accessible names."""
    if amount is None:
        return "—"
    return str(_written(amount, currency))


def _written(amount: Decimal | HasAmount, currency: str, *, iso: bool = False) -> MoneyText:
    if isinstance(amount, Decimal):
        return formatting.money(amount, currency, iso=iso)
    return formatting.money(amount.amount, amount.currency, iso=iso)


@register.filter
def local_time(moment: datetime | None, zone: str | tzinfo | None = None) -> str:
    return formatting.local_time(moment, zone) if moment else ""


@register.filter
def clock_time(moment: datetime | None, zone: str | tzinfo | None = None) -> str:
    return f"{moment.astimezone(formatting.zone_of(zone)):%H:%M}" if moment else ""


@register.filter
def short_time(moment: datetime | None, zone: str | tzinfo | None = None) -> str:
    return formatting.short_time(moment, zone, at=clock.now()) if moment else ""


@register.filter
def day_heading(day: datetime | date | None, zone: str | tzinfo | None = None) -> str:
    if day is None:
        return ""
    there = formatting.zone_of(zone)
    if isinstance(day, datetime):
        day = day.astimezone(there).date()
    return formatting.day_heading(day, today=clock.now().astimezone(there).date())


@register.inclusion_tag("ui/_days_chip.html")
def days_chip(days: int | None, *, charged_off: bool = False) -> dict[str, str]:
    return {
        "band": formatting.days_band(days, charged_off=charged_off),
        "label": formatting.days_label(days, charged_off=charged_off),
    }


register.filter("mask_document", formatting.mask_document)
register.filter("mask_phone", formatting.mask_phone)
register.filter("mask_email", formatting.mask_email)
register.filter("initials", formatting.initials)


@register.simple_tag(takes_context=True)
def link_with(context: Context, **changes: object) -> str:
    """This page's address with some parameters set (None removes); the place in the list is forgotten."""
    query: QueryDict = context["request"].GET.copy()
    for cursor in CURSORS:
        query.pop(cursor, None)
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag
def bar(parts: Iterable[tuple[str, Any]], *, thin: bool = False, label: str = "") -> SafeString:
    """A bar of (tone, value) parts, as SVG because a width may not be an inline style."""
    shares = [(tone, Decimal(value)) for tone, value in parts if value]
    total = sum(share for _tone, share in shares)
    pieces, start = [], Decimal(0)
    for tone, share in shares:
        width = share / total * 100
        pieces.append((f"{start:.2f}", f"{width:.2f}", tone))
        start += width
    return _bar_svg(pieces, "bar bar-thin" if thin else "bar", label)


def _bar_svg(pieces: list[tuple[str, str, str]], css: str, label: str) -> SafeString:
    rects = format_html_join("", '<rect x="{}%" width="{}%" height="100%" class="{}"/>', pieces)
    gaps = format_html_join(
        "",
        '<rect x="{}%" width="2" height="100%" transform="translate(-1)" class="gap"/>',
        ((x,) for x, _width, _tone in pieces[1:]),
    )
    about = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html('<svg class="{}" {}>{}{}</svg>', css, about, rects, gaps)


@register.simple_tag
def share_bar(value: Any, total: Any, tone: str = "primary", *, thin: bool = True) -> SafeString:
    """One value of a total; the rest stays empty."""
    whole = Decimal(total or 0)
    filled = min(Decimal(value or 0), whole)
    return bar([(tone, filled), ("none", whole - filled)], thin=thin)


CONTROL_CLASS = {"select": "select", "nullbooleanselect": "select", "textarea": "textarea"}
BARE_CONTROLS = frozenset({"checkbox", "radioselect", "checkboxselectmultiple"})


@register.simple_tag
def field_control(field: BoundField, *, large: bool = False, bare: bool = False) -> SafeString:
    """The form field's own control in our look; Django already ties help and errors to it."""
    if field.widget_type in BARE_CONTROLS:
        return field.as_widget()
    css = CONTROL_CLASS.get(field.widget_type, "input")
    more = " input-l" if large else ""
    own = field.field.widget.attrs.get("class", "")
    attrs: dict[str, str | bool] = {"class": f"{css}{more} {own}".strip()}
    # A placeholder that repeats the label is noise.
    return field.as_widget(attrs=attrs | {"placeholder": ""} if bare else attrs)


@register.simple_tag(takes_context=True, name="navigation")
def navigation_tag(context: Context) -> navigation.Navigation:
    return navigation.for_page(
        context.get("request"),
        granted=context.get("perms_granted"),
        badges=context.get("nav_badges") or {},
        section=context.get("nav_section") or "",
    )


@register.simple_tag(takes_context=True)
def appearance(context: Context) -> SafeString:
    """The theme and density of <html>, known before the first paint: the person's, else this browser's."""
    cookies = getattr(context.get("request"), "COOKIES", {})
    theme = context.get("theme") or cookies.get("theme")
    density = context.get("density") or cookies.get("density")
    return format_html(
        'data-theme="{}" data-density="{}"',
        theme if theme in {"light", "dark"} else "system",
        "compact" if density == "compact" else "comfortable",
    )
