"""Users, teams, portfolios and the rules of the installation."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from acuerdo.organization import (
    holidays,
    invitations,
    membership,
    portfolios,
    settings,
    teams,
    users,
)
from acuerdo.organization.access import actor, requires
from acuerdo.organization.forms import (
    RULES,
    SWITCHES,
    HolidayForm,
    PortfolioChangeForm,
    PortfolioForm,
    SettingsForm,
    TeamForm,
    UserChangeForm,
    UserForm,
)
from acuerdo.organization.models import Holiday, Portfolio, Role, Team, User
from acuerdo.primitives import clock
from acuerdo.ui import filtering, operations


@requires("users.view")
@require_safe
def user_list(request: HttpRequest) -> HttpResponse:
    role = filtering.choice(request.GET, "rol", Role.values)
    search = filtering.text(request.GET, "q")
    bar = filtering.Bar(
        menus=(filtering.Menu("rol", _("Rol"), filtering.options(Role.choices), role),),
        search=search,
        search_label=_("Buscar por nombre o correo"),
    )
    rows = _people(role, search)
    return render(request, "organization/user/list.html", {"rows": rows, "filters": bar})


def _people(role: str, search: str) -> QuerySet[User]:
    rows = User.objects.select_related("team").prefetch_related("grants__portfolio")
    if role:
        rows = rows.filter(role=role)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return rows.order_by("-is_active", "name")[:500]


@requires("users.edit")
def user_new(request: HttpRequest) -> HttpResponse:
    form = UserForm(operations.posted(request))
    if form.is_valid():
        user = operations.run(
            form, partial(membership.invite, **form.cleaned_data, **_who(request))
        )
        if user:
            messages.success(request, _("Usuario creado. Envíele su enlace de invitación."))
            return redirect("organization:user", user.pk)
    return _form_page(request, form, title=_("Nuevo usuario"), back="organization:users")


@requires("users.edit")
def user_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User.objects.select_related("team"), pk=pk)
    form = UserChangeForm(operations.posted(request), initial=_of_user(user))
    if form.is_valid():
        change = partial(membership.update, user, **form.cleaned_data, **_who(request))
        operations.run(form, change)
        if form.is_valid():
            messages.success(request, _("Cambios guardados."))
            return redirect("organization:users")
    context = {"form": form, "person": user, "link": _link(user)}
    return render(request, "organization/user/edit.html", context, status=_status(form))


def _of_user(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "role": user.role,
        "team": user.team_id,
        "external_id": user.external_id or "",
        "portfolios": list(user.grants.values_list("portfolio_id", flat=True)),
    }


def _link(user: User) -> str:
    """Only somebody who never signed in is shown a link; the rest ask for it on the login page."""
    waits = user.is_active and user.last_login is None
    return invitations.link(user) if waits else ""


@requires("users.edit")
@require_POST
def user_activation(request: HttpRequest, pk: int) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    if user.is_active:
        change = partial(membership.deactivate, user, **_who(request))
        done = _("Usuario desactivado: sus sesiones quedan cerradas.")
    else:
        change, done = partial(users.reactivate, user, **_who(request)), _("Usuario activado.")
    return operations.answer(request, change, done=done, back="organization:users")


@requires("users.view")
@require_safe
def team_list(request: HttpRequest) -> HttpResponse:
    rows = Team.objects.annotate(members=Count("users", filter=Q(users__is_active=True)))
    return render(request, "organization/team/list.html", {"rows": rows})


@requires("users.edit")
def team_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk) if pk else Team()
    form = TeamForm(operations.posted(request), initial={"name": team.name})
    if form.is_valid():
        name = form.cleaned_data["name"]
        save = partial(teams.rename, team, name) if pk else partial(teams.create, name)
        operations.run(form, partial(save, **_who(request)))
        if form.is_valid():
            messages.success(request, _("Equipo guardado."))
            return redirect("organization:teams")
    return _form_page(request, form, title=_("Equipo"), back="organization:teams")


@requires("users.edit")
@require_POST
def team_removal(request: HttpRequest, pk: int) -> HttpResponse:
    removal = partial(teams.remove, get_object_or_404(Team, pk=pk), **_who(request))
    return operations.answer(request, removal, done=_("Equipo quitado."), back="organization:teams")


@requires("users.view")
@require_safe
def portfolio_list(request: HttpRequest) -> HttpResponse:
    rows = Portfolio.objects.annotate(people=Count("grants", distinct=True))
    return render(request, "organization/portfolio/list.html", {"rows": rows})


@requires("settings.edit")
def portfolio_new(request: HttpRequest) -> HttpResponse:
    form = PortfolioForm(operations.posted(request))
    if form.is_valid():
        operations.run(form, partial(portfolios.create, **form.cleaned_data, **_who(request)))
        if form.is_valid():
            messages.success(request, _("Cartera creada."))
            return redirect("organization:portfolios")
    return _form_page(request, form, title=_("Nueva cartera"), back="organization:portfolios")


@requires("settings.edit")
def portfolio_edit(request: HttpRequest, pk: int) -> HttpResponse:
    portfolio = get_object_or_404(Portfolio, pk=pk)
    initial = {name: getattr(portfolio, name) for name in PortfolioChangeForm.base_fields}
    form = PortfolioChangeForm(operations.posted(request), initial=initial)
    if form.is_valid():
        change = partial(portfolios.update, portfolio, **form.cleaned_data)
        operations.run(form, partial(change, **_who(request)))
        if form.is_valid():
            messages.success(request, _("Cartera guardada."))
            return redirect("organization:portfolios")
    return _form_page(request, form, title=_("Cartera"), back="organization:portfolios")


@requires("settings.edit")
def organization_settings(request: HttpRequest) -> HttpResponse:
    row = settings.current()
    initial = {name: getattr(row, name) for name in SettingsForm.base_fields}
    form = SettingsForm(operations.posted(request), initial=initial)
    if form.is_valid():
        settings.update(**form.cleaned_data, **_who(request))
        messages.success(request, _("Ajustes guardados."))
        return redirect("organization:settings")
    context = {
        "form": form,
        "rules": [form[name] for name in RULES],
        "switches": [form[name] for name in SWITCHES],
        "holiday_form": HolidayForm(initial={"country": row.country}),
        "holidays": Holiday.objects.order_by("on")[:200],
    }
    return render(request, "organization/settings/edit.html", context, status=_status(form))


@requires("settings.edit")
@require_POST
def holiday_new(request: HttpRequest) -> HttpResponse:
    form = HolidayForm(request.POST)
    if form.is_valid():
        operations.run(form, partial(holidays.add, **form.cleaned_data, **_who(request)))
        if form.is_valid():
            messages.success(request, _("Feriado agregado."))
            return redirect("organization:settings")
    return _form_page(request, form, title=_("Nuevo feriado"), back="organization:settings")


@requires("settings.edit")
@require_POST
def holiday_removal(request: HttpRequest, pk: int) -> HttpResponse:
    removal = partial(holidays.remove, get_object_or_404(Holiday, pk=pk), **_who(request))
    return operations.answer(
        request, removal, done=_("Feriado quitado."), back="organization:settings"
    )


@requires("settings.edit")
@require_POST
def sending_release(request: HttpRequest) -> HttpResponse:
    return operations.answer(
        request,
        partial(settings.release_sending, **_who(request)),
        done=_("Los envíos vuelven a salir."),
        back="organization:settings",
    )


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": actor(request), "at": clock.now()}


def _form_page(request: HttpRequest, form: Form, *, title: str, back: str) -> HttpResponse:
    return operations.form_page(request, form, title=title, back=reverse(back))


def _status(form: Form) -> int:
    return 422 if form.is_bound and form.errors else 200
