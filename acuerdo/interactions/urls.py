from django.urls import path

from acuerdo.interactions import views

app_name = "interactions"
urlpatterns = [
    path("", views.interaction_list, name="list"),
    path("columnas/", views.columns, name="columns"),
]
