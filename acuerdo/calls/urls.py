"""Llamadas: the tray, one call, and what came of it."""

from django.urls import path

from acuerdo.calls import beside_views as beside
from acuerdo.calls import views
from acuerdo.calls.screen import TRAY
from acuerdo.conversations.screens import saved_view_urls

app_name = "calls"

urlpatterns = [
    path("", views.tray_page, name="tray"),
    path("filtros/", views.tray_filters, name="filters"),
    path("conteo/", views.tray_count, name="count"),
    *saved_view_urls.patterns(TRAY),
    path("<int:pk>/", views.open_call, name="open"),
    path("<int:pk>/resultado/", views.register_result, name="result"),
    path("cliente/<int:pk>/gestion/", views.register_for, name="register_for"),
    path("cliente/<int:pk>/gestion/campos/", views.result_fields, name="fields"),
    path("cliente/<int:pk>/agenda/", beside.schedule_new, name="schedule"),
    path("cliente/<int:pk>/agenda/horario/", beside.hours, name="hours"),
    path("cliente/<int:pk>/marcado/", beside.dial, name="dial"),
    path("cliente/<int:pk>/calendario/", views.calendar, name="calendar"),
]
