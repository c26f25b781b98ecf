from django.urls import path

from acuerdo.spreadsheets import views

app_name = "spreadsheets"
urlpatterns = [
    path("importaciones/", views.import_list, name="imports"),
    path("importaciones/nueva/", views.import_new, name="import_new"),
    path("importaciones/plantillas/<slug:sheet>/", views.import_template, name="import_template"),
    path("importaciones/<int:pk>/", views.import_detail, name="import"),
    path("importaciones/<int:pk>/columnas/", views.import_columns, name="import_columns"),
    path("importaciones/<int:pk>/confirmacion/", views.import_confirmation, name="import_confirm"),
    path("importaciones/<int:pk>/descarte/", views.import_drop, name="import_drop"),
    path("importaciones/<int:pk>/rechazos/", views.import_rejects, name="import_rejects"),
    path("descargas/", views.export_list, name="exports"),
    path("descargas/nueva/", views.export_new, name="export_new"),
    path("descargas/<int:pk>/archivo/", views.export_file, name="export_file"),
]
