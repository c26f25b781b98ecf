from django.urls import path

from acuerdo.customers import segment_views, views

app_name = "customers"
urlpatterns = [
    path("", views.customer_list, name="list"),
    path("nuevo/", views.customer_new, name="new"),
    path("segmentos/", segment_views.segment_index, name="segments"),
    path("segmentos/nuevo/", segment_views.segment_edit, name="segment_new"),
    path("segmentos/actualizar/", segment_views.recomputation, name="segments_now"),
    path("segmentos/<int:pk>/", segment_views.segment_edit, name="segment"),
    path("segmentos/<int:pk>/orden/", segment_views.segment_position, name="segment_position"),
    path("segmentos/<int:pk>/eliminar/", segment_views.segment_removal, name="segment_removal"),
    path("<int:pk>/", views.customer_detail, name="detail"),
    path("<int:pk>/editar/", views.customer_edit, name="edit"),
    path("<int:pk>/asesor/", views.customer_adviser, name="adviser"),
    path("<int:pk>/documento/", views.document_reveal, name="document"),
    path("<int:pk>/contactos/nuevo/", views.contact_new, name="contact_new"),
    path("<int:pk>/contactos/<int:point_pk>/valor/", views.contact_reveal, name="contact"),
    path(
        "<int:pk>/contactos/<int:point_pk>/alerta/",
        views.contact_alert_clearing,
        name="contact_alert",
    ),
    path(
        "<int:pk>/contactos/<int:point_pk>/inservible/",
        views.contact_marking,
        name="contact_marking",
    ),
    path("<int:pk>/alertas/<int:alert_pk>/", views.alert_clearing, name="alert"),
    path("<int:pk>/pausas/nueva/", views.pause_new, name="pause_new"),
    path("<int:pk>/pausas/<int:pause_pk>/", views.pause_resumption, name="pause"),
]
