from importlib import import_module

from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "acuerdo.organization"
    label = "organization"

    def ready(self) -> None:
        import_module("acuerdo.organization.checks")
