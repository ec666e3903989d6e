"""The customer's tap: through us, to the review page.  The only public page."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import links


@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Send the person on to the review address; an unknown token gets a friendly page that tells nothing (S34)."""
    agent = request.headers.get("user-agent", "")
    purpose = request.headers.get("purpose", "") + request.headers.get("sec-purpose", "")
    robot = links.is_robot(agent, request.method or "GET", purpose)
    address = links.open_link(token, agent=agent, robot=robot, now=timezone.now())
    if address is None:
        return render(request, "link_gone.html", status=404)
    answer = HttpResponseRedirect(address)
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


urlpatterns: list[URLPattern] = [path("r/<str:token>", open_link, name="open_link")]
