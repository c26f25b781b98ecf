"""What the command bar asks of the server, on every page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from acuerdo.conversations.screens import views
from acuerdo.conversations.tray import finding
from acuerdo.organization.access import actor, requires
from acuerdo.ui import filtering, fragments

# A browser's list of who was open lately: numbers with commas.
LONGEST = 200


@requires("conversations.view")
@require_safe
def bar(request: HttpRequest) -> HttpResponse:
    """People and saved views by the words typed; without words those who were open lately."""
    if not fragments.wanted(request):
        return views.inbox(request)
    user, words = actor(request), filtering.text(request.GET, "q", longest=100)
    found = finding.matching(user, words) if words else finding.recent(user, _recent(request))
    return render(request, "conversations/bar/_found.html", {"found": found, "words": words})


def _recent(request: HttpRequest) -> list[int]:
    told = request.GET.get("recientes", "")[:LONGEST].split(",")
    return [int(each) for each in told if each.isascii() and each.isdigit() and len(each) < 19]
