"""Message templates: the list, and the editor with its tags and a real customer's text."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.channels.models import Channel
from acuerdo.conversations.models import MessageTemplate
from acuerdo.conversations.templating import message_templates
from acuerdo.conversations.templating.template_forms import TemplateForm, initial_variables
from acuerdo.customers.access import customers_for
from acuerdo.customers.models import Customer
from acuerdo.organization.access import actor, requires
from acuerdo.primitives import clock
from acuerdo.ui import filtering, operations, pagination

FIELDS = (
    "name", "channel", "provider_template", "subject", "body", "portfolio", "language", "is_active"
)  # fmt: skip


@requires("templates.view")
@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    channel = filtering.choice(request.GET, "canal", Channel.values)
    search = filtering.text(request.GET, "q")
    rows = MessageTemplate.objects.all()
    rows = rows.filter(channel=channel) if channel else rows
    rows = rows.filter(name__icontains=search) if search else rows
    page = pagination.paginate(rows, request.GET, by="name", descending=False)
    menu = filtering.Menu("canal", _("Canal"), filtering.options(Channel.choices), channel)
    bar = filtering.Bar(menus=(menu,), search=search, search_label=_("Buscar plantilla"))
    context = {"page": page, "rows": page.rows, "filters": bar}
    return render(request, "conversations/template/list.html", context)


@requires("templates.edit")
def template_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@requires("templates.view")
@require_safe
def template_detail(request: HttpRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate, pk=pk)
    return _page(request, template, TemplateForm(initial=_initial(template)))


@requires("templates.edit")
@require_POST
def template_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit(request, get_object_or_404(MessageTemplate, pk=pk))


def _edit(request: HttpRequest, template: MessageTemplate | None) -> HttpResponse:
    form = TemplateForm(operations.posted(request))
    if form.is_valid():
        save = partial(message_templates.save, template, **form.values())
        saved = operations.run(form, partial(save, by=actor(request), at=clock.now()))
        if saved:
            done = _("Plantilla guardada, versión %(version)s.") % {"version": saved.version}
            messages.success(request, done)
            return redirect("conversations:template", saved.pk)
    return _page(request, template, form)


@requires("templates.edit")
@require_POST
def template_preview(request: HttpRequest) -> HttpResponse:
    """What is being typed, as a customer would read it, or its fields; nothing is saved."""
    form = TemplateForm(request.POST)
    if request.POST.get("mapping"):
        context: dict[str, object] = {"form": form, "tags": message_templates.TAGS.items()}
        return render(request, "conversations/template/_mapping.html", context)
    return render(request, "conversations/template/_preview.html", _sample(request, form.draft()))


def _page(
    request: HttpRequest, template: MessageTemplate | None, form: TemplateForm
) -> HttpResponse:
    shown = form.draft() if form.is_bound or template is None else template
    context = {
        "form": form,
        "template": template,
        "tags": message_templates.TAGS.items(),
        **_sample(request, shown),
    }
    status = 422 if form.is_bound else 200
    return render(request, "conversations/template/edit.html", context, status=status)


def _sample(request: HttpRequest, draft: MessageTemplate) -> dict[str, object]:
    customer = _somebody(request)
    rendered = customer and message_templates.render(draft, customer, at=clock.now())
    unknown = [*message_templates.check(draft.body), *message_templates.check(draft.subject)]
    return {"customer": customer, "rendered": rendered, "unknown": unknown}


def _somebody(request: HttpRequest) -> Customer | None:
    reached = customers_for(actor(request))
    owing = reached.filter(standing__oldest_due_on__isnull=False).order_by("pk")
    return owing.first() or reached.order_by("pk").first()


def _initial(template: MessageTemplate) -> dict[str, object]:
    own = {name: getattr(template, name) for name in FIELDS}
    return {**own, "html": template.html_source, **initial_variables(template.variables)}
