"""Every address of the product."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="conversations:inbox"), name="home"),
    path("cuenta/", include("allauth.urls")),
    path("", include("acuerdo.ui.urls")),
    path("clientes/", include("acuerdo.customers.urls")),
    path("cuentas/", include("acuerdo.ledger.urls")),
    path("interacciones/", include("acuerdo.interactions.urls")),
    path("archivos/", include("acuerdo.spreadsheets.urls")),
    path("ajustes/", include("acuerdo.organization.urls")),
]
if settings.DEMO or settings.DEBUG:
    urlpatterns += []

handler400 = "acuerdo.ui.errors.bad_request"
handler403 = "acuerdo.ui.errors.permission_denied"
handler404 = "acuerdo.ui.errors.page_not_found"
handler500 = "acuerdo.ui.errors.server_error"
