"""The live pages, as a small process of their own: ``granian acuerdo.config.asgi:application``."""

import os

import django
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuerdo.config.settings")
django.setup()

application = import_string("acuerdo.events.stream.application")
