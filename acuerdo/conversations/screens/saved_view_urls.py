from django.urls import URLPattern, path

from acuerdo.conversations.screens import saved_view_views as views
from acuerdo.conversations.tray.trays import INBOX, Tray


def patterns(tray: Tray) -> list[URLPattern]:
    """The saved views of one tray, below its own address."""
    its = {"tray": tray}
    return [
        path("vistas/", views.saved_views, its, name="views"),
        path("vistas/administrar/", views.desk, its, name="views_desk"),
        path("vistas/<int:pk>/", views.view, its, name="view"),
        path("vistas/<int:pk>/retiro/", views.removal, its, name="view_removal"),
        path("vistas/<int:pk>/posicion/", views.position, its, name="view_position"),
    ]


urlpatterns = patterns(INBOX)
