from importlib import import_module

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "acuerdo.channels"
    label = "channels"

    def ready(self) -> None:
        # Checks need the models, which are there by now.
        import_module("acuerdo.channels.checks")
