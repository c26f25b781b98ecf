"""Addresses of the templates, taken into ``conversations.urls``."""

from django.urls import path

from acuerdo.conversations.templating import template_views as views

urlpatterns = [
    path("plantillas/", views.template_list, name="templates"),
    path("plantillas/nueva/", views.template_new, name="template_new"),
    path("plantillas/vista-previa/", views.template_preview, name="template_preview"),
    path("plantillas/<int:pk>/", views.template_detail, name="template"),
    path("plantillas/<int:pk>/cambios/", views.template_edit, name="template_edit"),
]
