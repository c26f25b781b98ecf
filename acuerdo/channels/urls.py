from django.urls import path

from acuerdo.channels import rate_views, views

app_name = "channels"
urlpatterns = [
    path("", views.account_list, name="accounts"),
    path("nueva/", views.connector_list, name="connectors"),
    path("nueva/<slug:adapter>/", views.account_new, name="account_new"),
    path("<int:pk>/", views.account, name="account"),
    path("<int:pk>/prueba/", views.trial, name="trial"),
    path("<int:pk>/actividad/", views.activation, name="activation"),
    path("<int:pk>/plantillas/", views.templates_sync, name="templates_sync"),
    path("<int:pk>/clave/confirmacion/", views.secret_confirmation, name="secret_confirmation"),
    path("<int:pk>/clave/descarte/", views.secret_dismissal, name="secret_dismissal"),
    path("<int:pk>/tarifas/", rate_views.rate_list, name="rates"),
    path("<int:pk>/tarifas/<int:rate_pk>/retiro/", rate_views.withdrawal, name="rate_withdrawal"),
    path("<int:pk>/constancia/", views.acknowledgement, name="acknowledgement"),
]
