"""Who agreed to be written to and who asked us to stop: one customer's own words, with proof."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from acuerdo.contact_policy import opt_ins, opt_outs
from acuerdo.contact_policy.forms import LiftForm, OptInForm, OptOutForm
from acuerdo.customers import access
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import operations

CONSENTS = "contact_policy:consents"


@requires("customers.view")
@require_safe
def consents(request: HttpRequest, pk: int) -> HttpResponse:
    customer = access.customer(actor(request), pk)
    context = {
        "customer": customer,
        "opt_ins": customer.opt_ins.select_related("by"),
        "opt_outs": customer.opt_outs.select_related("by", "lifted_by").order_by("-id"),
    }
    return render(request, "contact_policy/consent/list.html", context)


@requires("consents.write")
def opt_in_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer, back = access.customer(actor(request), pk), reverse(CONSENTS, args=[pk])
    form = OptInForm(operations.posted(request), initial={"channel": "whatsapp"})
    if form.is_valid():
        record = partial(opt_ins.record, customer, **form.cleaned_data)
        operations.run(form, partial(record, by=actor(request), at=clock.now()))
        if form.is_valid():
            return operations.finish(request, _("Aceptación registrada."), back)
    title, name = _("Registrar que acepta"), customer.full_name
    return operations.form_page(request, form, title=title, intro=name, back=back)


@requires("consents.write")
def opt_out_new(request: HttpRequest, pk: int) -> HttpResponse:
    customer, back = access.customer(actor(request), pk), reverse(CONSENTS, args=[pk])
    form = OptOutForm(operations.posted(request))
    if form.is_valid():
        record = partial(opt_outs.record, customer, **form.cleaned_data)
        operations.run(form, partial(record, by=actor(request), at=clock.now()))
        if form.is_valid():
            return operations.finish(request, _("Baja registrada."), back)
    title, name = _("Registrar que no acepta"), customer.full_name
    return operations.form_page(request, form, title=title, intro=name, back=back)


@requires("consents.write")
def opt_out_lifting(request: HttpRequest, pk: int, opt_out_pk: int) -> HttpResponse:
    customer, back = access.customer(actor(request), pk), reverse(CONSENTS, args=[pk])
    opt_out = get_object_or_404(customer.opt_outs, pk=opt_out_pk)
    form = LiftForm(operations.posted(request))
    if form.is_bound:
        opt_outs.lift(opt_out, by=actor(request), at=clock.now())
        return operations.finish(request, _("Vuelve a aceptar mensajes."), back)
    title = _("Volver a escribirle")
    intro = _("Solo si %(name)s lo pidió: queda registrado quién y cuándo lo anotó.")
    return operations.form_page(
        request, form, title=title, intro=intro % {"name": customer.full_name}, back=back,
        action=title,
    )  # fmt: skip
