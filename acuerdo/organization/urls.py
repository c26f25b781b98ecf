from django.urls import path

from acuerdo.organization import shortcut_views, views
from acuerdo.organization.appearance import appearance

app_name = "organization"
urlpatterns = [
    path("apariencia/", appearance, name="appearance"),
    path("atajos/", shortcut_views.shortcuts, name="shortcuts"),
    path("atajos/tecla/", shortcut_views.shortcut, name="shortcut"),
    path("atajos/uso/", shortcut_views.switches, name="shortcut_switches"),
    path("atajos/originales/", shortcut_views.originals, name="shortcut_originals"),
    path("usuarios/", views.user_list, name="users"),
    path("usuarios/nuevo/", views.user_new, name="user_new"),
    path("usuarios/<int:pk>/", views.user_edit, name="user"),
    path("usuarios/<int:pk>/actividad/", views.user_activation, name="user_activation"),
    path("equipos/", views.team_list, name="teams"),
    path("equipos/nuevo/", views.team_edit, name="team_new"),
    path("equipos/<int:pk>/", views.team_edit, name="team"),
    path("equipos/<int:pk>/quitar/", views.team_removal, name="team_removal"),
    path("carteras/", views.portfolio_list, name="portfolios"),
    path("carteras/nueva/", views.portfolio_new, name="portfolio_new"),
    path("carteras/<int:pk>/", views.portfolio_edit, name="portfolio"),
    path("organizacion/", views.organization_settings, name="settings"),
    path("organizacion/feriados/", views.holiday_new, name="holiday_new"),
    path("organizacion/feriados/<int:pk>/quitar/", views.holiday_removal, name="holiday_removal"),
    path("organizacion/envios/", views.sending_release, name="sending_release"),
]
