"""Every address of the product."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="conversations:inbox"), name="home"),
    path("cuenta/", include("allauth.urls")),
]
if settings.DEMO or settings.DEBUG:
    urlpatterns += []
