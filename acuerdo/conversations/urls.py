from django.urls import path

from acuerdo.conversations.screens import (
    bar_views,
    bulk_urls,
    saved_view_urls,
    unknown_sender_urls,
    views,
)
from acuerdo.conversations.screens import draft_views as drafts
from acuerdo.conversations.screens import entry_views as entries
from acuerdo.conversations.screens import file_views as files
from acuerdo.conversations.screens import insertion_views as insertions
from acuerdo.conversations.screens import mention_views as mentions
from acuerdo.conversations.screens import message_views as messages
from acuerdo.conversations.screens import presence_views as presences
from acuerdo.conversations.screens import teamwork_views as teamwork
from acuerdo.conversations.templating import template_urls

app_name = "conversations"
urlpatterns = [
    *template_urls.urlpatterns,
    *unknown_sender_urls.urlpatterns,
    path("", views.inbox, name="inbox"),
    path("filtros/", views.filters, name="filters"),
    path("conteo/", views.count, name="count"),
    path("barra/", bar_views.bar, name="bar"),
    path("estados/", entries.meanings, name="states"),
    *saved_view_urls.urlpatterns,
    *bulk_urls.urlpatterns,
    path("menciones/", mentions.mention_list, name="mentions"),
    path("menciones/conteo/", mentions.count, name="mention_count"),
    path("menciones/vistas/", mentions.seeing, name="mentions_seen"),
    path("menciones/<int:pk>/vista/", mentions.opening, name="mention_opening"),
    path("archivos/<int:pk>/", files.file, name="file"),
    path("correos/<int:pk>/", files.html, name="html"),
    path("<int:pk>/", views.conversation, name="open"),
    path("<int:pk>/fila/", views.row, name="row"),
    path("<int:pk>/hilo/", views.thread, name="thread"),
    path("<int:pk>/historial/", views.timeline, name="timeline"),
    path("<int:pk>/historial/<int:entry_pk>/", entries.entry, name="entry"),
    path("<int:pk>/colegas/", mentions.colleagues, name="colleagues"),
    path("<int:pk>/redaccion/", messages.composer, name="composer"),
    path("<int:pk>/plantillas/", insertions.templates, name="insertable"),
    path("<int:pk>/etiquetas/", insertions.tags, name="tags"),
    path("<int:pk>/vista-previa/", insertions.preview, name="preview"),
    path("<int:pk>/estado-de-cuenta/", insertions.statement, name="statement"),
    path("<int:pk>/pagina-de-pago/", insertions.pay_page, name="pay_page"),
    path("<int:pk>/enlaces/anulacion/", insertions.links_revoked, name="links_revoked"),
    path("<int:pk>/plantilla-aprobada/", insertions.approved_preview, name="approved"),
    path("<int:pk>/mensajes/", messages.message_new, name="send"),
    path(
        "<int:pk>/mensajes/<int:message_pk>/cancelacion/",
        messages.message_cancellation,
        name="cancel",
    ),
    path("<int:pk>/borrador/", drafts.draft, name="draft"),
    path("<int:pk>/segmentos/", drafts.count, name="segments"),
    path("<int:pk>/adjuntos/", drafts.upload, name="upload"),
    path("<int:pk>/adjuntos/<int:file_pk>/retiro/", drafts.discard, name="discard"),
    path("<int:pk>/notas/", messages.note_new, name="note"),
    path("presencia/", presences.everywhere, name="presences"),
    path("<int:pk>/presencia/", presences.presence, name="presence"),
    path("<int:pk>/revision/", teamwork.review, name="review"),
    path("<int:pk>/toma/", teamwork.taking, name="take"),
    path("<int:pk>/asesor/", teamwork.owner, name="owner"),
    path("<int:pk>/omision/", messages.omission, name="skip"),
    path("<int:pk>/pendiente/", messages.pending_mark, name="pending"),
]
