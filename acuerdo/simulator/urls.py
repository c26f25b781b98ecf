from django.urls import path

from acuerdo.simulator import views

app_name = "simulator"
PHONE = "clientes/<int:customer_pk>/<slug:channel>/"
urlpatterns = [
    path("", views.home, name="home"),
    path("tiempo/", views.time_passing, name="time"),
    path("desconocidos/", views.stranger_new, name="stranger_new"),
    path(f"{PHONE}mensajes/", views.message_new, name="message_new"),
    path(f"{PHONE}avisos/", views.status_new, name="status_new"),
    path(f"{PHONE}proveedor/", views.manners_change, name="manners"),
    path(f"{PHONE}ventana/", views.window_close, name="window"),
]
