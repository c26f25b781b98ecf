from django.urls import path

from acuerdo.flows import views

app_name = "flows"
urlpatterns = [
    path("", views.flow_list, name="list"),
    path("nuevo/", views.flow_new, name="new"),
    path("cliente/<int:customer_pk>/", views.customer_upcoming, name="upcoming"),
    path("<int:pk>/", views.flow_detail, name="flow"),
    path("<int:pk>/editar/", views.flow_edit, name="edit"),
    path("<int:pk>/actividad/", views.flow_activation, name="activation"),
    path("<int:pk>/audiencia/", views.flow_audience, name="audience"),
    path("<int:pk>/pasos/", views.step_new, name="step_new"),
    path("<int:pk>/pasos/<int:step_pk>/", views.step_edit, name="step"),
    path("<int:pk>/pasos/<int:step_pk>/copia/", views.step_copy, name="step_copy"),
    path("<int:pk>/pasos/<int:step_pk>/lugar/", views.step_move, name="step_move"),
    path("<int:pk>/pasos/<int:step_pk>/quitar/", views.step_removal, name="step_removal"),
]
