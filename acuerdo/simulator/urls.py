from django.urls import path

from acuerdo.simulator import views

app_name = "simulator"
urlpatterns = [
    path("", views.home, name="home"),
    path("tiempo/", views.time_passing, name="time"),
    path(
        "clientes/<int:customer_pk>/<slug:channel>/mensajes/", views.message_new, name="message_new"
    ),
    path("clientes/<int:customer_pk>/<slug:channel>/avisos/", views.status_new, name="status_new"),
]
