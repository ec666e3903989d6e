"""The customer's tap: through us, to the review page.  The only public pages."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import links, short_links


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Send the person on to the review address; an unknown token gets a friendly page that tells nothing (S34)."""
    agent = request.headers.get("user-agent", "")
    return _on(request, links.open_link(token, agent=agent, robot=_is_robot(request), now=timezone.now()))


@require_safe
def short_link(request: HttpRequest, code: str, end: str = "") -> HttpResponse:
    """The same for a location's own short link, which stands on codes and cards."""
    return _on(request, short_links.open_link(code, end, robot=_is_robot(request), now=timezone.now()))


def _is_robot(request: HttpRequest) -> bool:
    purpose = request.headers.get("purpose", "") + request.headers.get("sec-purpose", "")
    return links.is_robot(request.headers.get("user-agent", ""), request.method or "GET", purpose)


def _on(request: HttpRequest, address: str | None) -> HttpResponse:
    if address is None:
        return render(request, "link_gone.html", status=404)
    answer = HttpResponseRedirect(address)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


urlpatterns: list[URLPattern] = [
    path("r/<str:token>", open_link, name="open_link"),
    path("g/<str:code>", short_link, name="short_link"),
    path("g/<str:code>/<str:end>", short_link, name="short_link"),
]
