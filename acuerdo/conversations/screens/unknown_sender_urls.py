from django.urls import path

from acuerdo.conversations.screens import file_views
from acuerdo.conversations.screens import unknown_sender_views as views

urlpatterns = [
    path("no-registrados/", views.tray, name="strangers"),
    path("no-registrados/conteo/", views.count, name="strangers_count"),
    path("no-registrados/<int:pk>/", views.open_sender, name="stranger"),
    path("no-registrados/<int:pk>/correo/", file_views.stranger_html, name="stranger_html"),
    path("no-registrados/<int:pk>/clientes/", views.search, name="stranger_search"),
    path("no-registrados/<int:pk>/cliente/", views.registration, name="stranger_registration"),
    path("no-registrados/<int:pk>/respuesta/", views.answer, name="stranger_answer"),
    path("no-registrados/<int:pk>/vinculo/", views.link, name="stranger_link"),
    path("no-registrados/<int:pk>/desvinculo/", views.unlink, name="stranger_unlink"),
    path("no-registrados/<int:pk>/eliminacion/", views.deletion, name="stranger_deletion"),
    path("no-registrados/<int:pk>/restauracion/", views.restoration, name="stranger_restoration"),
]
