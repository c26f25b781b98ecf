from django.urls import path

from acuerdo.ui import views

app_name = "ui"
urlpatterns = [
    path("estilo/", views.gallery, name="gallery"),
    path("estilo/<slug:scene>/", views.gallery, name="gallery_scene"),
]
