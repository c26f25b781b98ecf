"""Every address of the product."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

from acuerdo.conversations.webhooks import receive_webhook

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="conversations:inbox"), name="home"),
    path("cuenta/", include("allauth.urls")),
    path("", include("acuerdo.ui.urls")),
    path("webhooks/<str:key>/", receive_webhook, name="webhook"),
]
if settings.DEMO or settings.DEBUG:
    urlpatterns += []

handler400 = "acuerdo.ui.errors.bad_request"
handler403 = "acuerdo.ui.errors.permission_denied"
handler404 = "acuerdo.ui.errors.page_not_found"
handler500 = "acuerdo.ui.errors.server_error"
