"""Every address of the product."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

from acuerdo.conversations.receiving.webhooks import receive_webhook
from acuerdo.conversations.sending.unsubscribe_views import unsubscribe
from acuerdo.ledger import pay_page_views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="conversations:inbox"), name="home"),
    path("cuenta/", include("allauth.urls")),
    path("", include("acuerdo.ui.urls")),
    path("clientes/", include("acuerdo.customers.urls")),
    path("contacto/", include("acuerdo.contact_policy.urls")),
    path("cuentas/", include("acuerdo.ledger.urls")),
    path("interacciones/", include("acuerdo.interactions.urls")),
    path("archivos/", include("acuerdo.spreadsheets.urls")),
    path("flujos/", include("acuerdo.flows.urls")),
    path("conversaciones/", include("acuerdo.conversations.urls")),
    path("envios/", include("acuerdo.conversations.sending.sending_urls")),
    path("llamadas/", include("acuerdo.calls.urls")),
    path("ajustes/canales/", include("acuerdo.channels.urls")),
    path("ajustes/", include("acuerdo.organization.urls")),
    path("webhooks/<slug:key>/", receive_webhook, name="webhook"),
    path("p/<slug:token>/", pay_page_views.page, name="pay_page"),
    path("p/<slug:token>/cuenta/", pay_page_views.statement, name="pay_page_statement"),
    path("p/<slug:token>/cuenta.pdf", pay_page_views.paper, name="pay_page_paper"),
    path("darse-de-baja/<slug:token>/", unsubscribe, name="unsubscribe"),
]
if settings.DEMO:
    urlpatterns += [path("simulador/", include("acuerdo.simulator.urls"))]

handler400 = "acuerdo.ui.errors.bad_request"
handler403 = "acuerdo.ui.errors.permission_denied"
handler404 = "acuerdo.ui.errors.page_not_found"
handler500 = "acuerdo.ui.errors.server_error"
