from django.urls import path

from acuerdo.conversations.screens import bulk_views as bulk

urlpatterns = [
    path("masivas/", bulk.job_list, name="bulk_jobs"),
    path("masivas/conteo/", bulk.count, name="bulk_count"),
    path("masivas/<int:pk>/", bulk.job, name="bulk_job"),
    path("masivas/<int:pk>/deshacer/", bulk.undo, name="bulk_undo"),
    path("masivas/<slug:action>/", bulk.asking, name="bulk_new"),
]
