"""The addresses of a demonstration, which has a simulator besides."""

from django.urls import include, path

from acuerdo.config import urls

urlpatterns = [
    *(entry for entry in urls.urlpatterns if getattr(entry, "namespace", "") != "simulator"),
    path("simulador/", include("acuerdo.simulator.urls")),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
