from django.urls import path

from acuerdo.conversations.sending import cost_views
from acuerdo.conversations.sending import health_views as health
from acuerdo.conversations.sending import sending_views as sending

app_name = "sending"
urlpatterns = [
    path("por-resolver/", sending.uncertain_list, name="uncertain"),
    path("por-resolver/en-espera/", sending.held_list, name="held"),
    path("por-resolver/fallidos/", sending.failed_list, name="failed"),
    path("por-resolver/no-enviados/", sending.not_sent_list, name="not_sent"),
    path("por-resolver/avisos/", sending.set_aside_list, name="set_aside"),
    path("mensajes/<int:pk>/", sending.message, name="message"),
    path("mensajes/<int:pk>/resolucion/", sending.resolution, name="resolution"),
    path(
        "respuestas/<int:pk>/resolucion/",
        sending.stranger_resolution,
        name="stranger_resolution",
    ),
    path("avisos/<int:pk>/", sending.receipt, name="receipt"),
    path("avisos/<int:pk>/reintento/", sending.receipt_retry, name="receipt_retry"),
    path("avisos/<int:pk>/descarte/", sending.receipt_dismissal, name="receipt_dismissal"),
    path("salud/", health.page, name="health"),
    path("salud/costos/", cost_views.page, name="costs"),
    path("salud/pausa/", health.pause, name="pause"),
    path("salud/<int:pk>/detencion/", health.stop, name="stop"),
    path("salud/<int:pk>/reanudacion/", health.resume, name="resume"),
]
