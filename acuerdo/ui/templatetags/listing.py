"""Addresses of a narrowed list. No query and no decision is made here."""

from datetime import date, datetime

from django import template
from django.template.context import Context

from acuerdo.ui import formatting

register = template.Library()

CURSORS = ("after", "before")


@register.simple_tag(takes_context=True)
def link_to(context: Context, key: str, value: object) -> str:
    """This page's address with one parameter set; the place in the list is forgotten."""
    return _address(context, {key: str(value)}, ())


@register.simple_tag(takes_context=True)
def link_dropping(context: Context, *keys: str) -> str:
    """This page's address without some parameters."""
    return _address(context, {}, keys)


def _address(context: Context, changes: dict[str, str], dropped: tuple[str, ...]) -> str:
    query = context["request"].GET.copy()
    for key in (*CURSORS, *dropped):
        query.pop(key, None)
    for key, value in changes.items():
        query[key] = value
    return f"?{query.urlencode()}"


@register.filter
def short_day(day: date | None) -> str:
    """9 ago 2026"""
    return formatting.short_day(day) if day else ""


@register.filter(expects_localtime=True)
def long_moment(moment: datetime) -> str:
    """jueves 19 de noviembre, 14:02"""
    return f"{formatting.long_day(moment)}, {moment:%H:%M}"
