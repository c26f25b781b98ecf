from django.urls import path

from acuerdo.ledger import aside_views as asides
from acuerdo.ledger import claim_views as claims
from acuerdo.ledger import panel_views as panels
from acuerdo.ledger import promise_views as promises
from acuerdo.ledger import receipt_views as receipts
from acuerdo.ledger import statement_views as statements
from acuerdo.ledger import views

app_name = "ledger"
urlpatterns = [
    path("ordenes/", views.debt_list, name="debts"),
    path("ordenes/<int:pk>/", views.debt_detail, name="debt"),
    path("ordenes/<int:pk>/ajustes/nuevo/", views.adjustment_new, name="adjustment_new"),
    path("ordenes/<int:pk>/anulacion/", views.debt_cancellation, name="debt_cancellation"),
    path("ordenes/<int:pk>/incobrable/", views.debt_writing_off, name="debt_writing_off"),
    path("ordenes/<int:pk>/reapertura/", views.debt_reopening, name="debt_reopening"),
    path("pagos/", receipts.payment_list, name="payments"),
    path("pagos/<int:pk>/anulacion/", receipts.payment_void, name="payment_void"),
    path("pagos-a-verificar/", receipts.report_list, name="reports"),
    path(
        "pagos-a-verificar/<int:pk>/verificacion/",
        receipts.report_verification,
        name="report_verification",
    ),
    path("pagos-a-verificar/<int:pk>/rechazo/", receipts.report_rejection, name="report_rejection"),
    path("pagos-a-verificar/<int:pk>/constancia/", receipts.report_receipt, name="report_receipt"),
    path("compromisos/", receipts.promise_list, name="promises"),
    path(
        "compromisos/<int:pk>/anulacion/",
        promises.promise_cancellation,
        name="promise_cancellation",
    ),
    path("reclamos/", claims.claim_list, name="claims"),
    path("reclamos/<int:pk>/", claims.claim_edit, name="claim"),
    path("reclamos/<int:pk>/cierre/", claims.claim_closing, name="claim_closing"),
    path("reclamos/<int:pk>/reapertura/", claims.claim_reopening, name="claim_reopening"),
    path("clientes/<int:customer_pk>/reclamos/nuevo/", claims.claim_new, name="claim_new"),
    path("clientes/<int:customer_pk>/cuenta/", asides.account, name="account"),
    path("clientes/<int:customer_pk>/ficha/", asides.card_detail, name="card"),
    path("clientes/<int:customer_pk>/composicion/", asides.composition_detail, name="composition"),
    path(
        "clientes/<int:customer_pk>/estado-de-cuenta/", statements.statement_page, name="statement"
    ),
    path(
        "clientes/<int:customer_pk>/estado-de-cuenta.pdf",
        statements.statement_pdf,
        name="statement_pdf",
    ),
    path("clientes/<int:customer_pk>/movimientos/", views.movements, name="movements"),
    path("clientes/<int:customer_pk>/ordenes/", views.customer_debts, name="customer_debts"),
    path("clientes/<int:customer_pk>/ordenes/nueva/", views.debt_new, name="debt_new"),
    path("clientes/<int:customer_pk>/pagos/nuevo/", receipts.payment_new, name="payment_new"),
    path(
        "clientes/<int:customer_pk>/pagos-a-verificar/nuevo/",
        receipts.report_new,
        name="report_new",
    ),
    path("clientes/<int:customer_pk>/compromisos/nuevo/", promises.promise_new, name="promise_new"),
    path("clientes/<int:customer_pk>/panel/", panels.panel_detail, name="panel"),
    path(
        "clientes/<int:customer_pk>/panel/compromiso/",
        promises.promise_new,
        {"is_beside": True},
        name="panel_promise",
    ),
    path("clientes/<int:customer_pk>/panel/pago/", panels.report_new, name="panel_report"),
    path("clientes/<int:customer_pk>/panel/reclamo/", panels.claim_new, name="panel_claim"),
    path("clientes/<int:customer_pk>/panel/pausa/", panels.pause_new, name="panel_pause"),
]
