from django.urls import path

from acuerdo.contact_policy import views

app_name = "contact_policy"
urlpatterns = [
    path("<int:pk>/", views.consents, name="consents"),
    path("<int:pk>/aceptacion/", views.opt_in_new, name="opt_in_new"),
    path("<int:pk>/baja/", views.opt_out_new, name="opt_out_new"),
    path("<int:pk>/baja/<int:opt_out_pk>/", views.opt_out_lifting, name="opt_out_lifting"),
]
