"""The live pages, served by a process of their own: one connection listens for all streams."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuerdo.config.settings")
django.setup()

# Its models can only be imported once Django knows the apps.
from acuerdo.events.stream import application  # noqa: E402

__all__ = ["application"]
