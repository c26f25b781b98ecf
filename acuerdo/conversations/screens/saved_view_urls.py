from django.urls import path

from acuerdo.conversations.screens import saved_view_views as views

urlpatterns = [
    path("vistas/", views.saved_views, name="views"),
    path("vistas/administrar/", views.desk, name="views_desk"),
    path("vistas/<int:pk>/", views.view, name="view"),
    path("vistas/<int:pk>/retiro/", views.removal, name="view_removal"),
    path("vistas/<int:pk>/posicion/", views.position, name="view_position"),
]
