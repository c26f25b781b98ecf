from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "acuerdo.ui"
    label = "ui"
