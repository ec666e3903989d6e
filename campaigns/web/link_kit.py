"""The link kit: a location's short link, its code and its counter card, and how often each was opened."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from campaigns import connection, kit, short_links
from campaigns.models import Business
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.limiting import limited
from campaigns.web.tenancy import BusinessRequest, page

Way = short_links.Way
#: Dots an inch: of the picture on the page, and of the words in the file for the printer.
SEEN, PRINTED = 150, 600


@require_safe
@page()
def link_kit(request: BusinessRequest) -> HttpResponse:
    """Everything on one page; every role may take it, for nothing here is secret."""
    business = request.business
    context = {
        "section": "settings",
        "business": business,
        "may_print": may_print(business),
        "is_sandbox": connection.is_loopback(),
        "opens_from_a_phone": short_links.opens_from_a_phone(),
        "address": short_links.address(business),
        "module": f"{_code(business, Way.CODE).module:.1f}",
        "notes": _card(business, SEEN).notes,
        "openings": short_links.openings(business, timezone.now()),
        "days": short_links.DAYS,
        "may_manage": tenancy.may(request, Action.SETTINGS),
    }
    return render(request, "settings/link_kit.html", context)


def may_print(business: Business) -> bool:
    """Not before there is somewhere to go, and not where a phone would find nothing; a sandbox is for looking."""
    return bool(business.review_url) and (short_links.opens_from_a_phone() or connection.is_loopback())


@require_safe
@page()
@limited("picture")
def code_svg(request: BusinessRequest) -> HttpResponse:
    """The code for the printer."""
    return _file(request, "review-code.svg", "image/svg+xml", _code(_printable(request), Way.CODE).svg())


@require_safe
@page()
@limited("picture")
def code_png(request: BusinessRequest) -> HttpResponse:
    """The code as a picture."""
    return _file(request, "review-code.png", "image/png", _code(_printable(request), Way.CODE).png())


@require_safe
@page()
@limited("picture")
def card_png(request: BusinessRequest) -> HttpResponse:
    """How the counter card looks."""
    drawn = kit.png(_card(_printable(request), SEEN), SEEN)
    return _file(request, "counter-card.png", "image/png", drawn)


@require_safe
@page()
@limited("export")
def card_pdf(request: BusinessRequest) -> HttpResponse:
    """The counter card for the printer; with `bleed` for a print shop that cuts."""
    bleed = request.GET.get("bleed") == "yes"
    drawn = kit.pdf(_card(_printable(request), PRINTED), bleed=bleed)
    return _file(request, f"counter-card{'-with-bleed' if bleed else ''}.pdf", "application/pdf", drawn)


def _printable(request: BusinessRequest) -> Business:
    if not may_print(request.business):
        raise Http404("This link cannot be printed yet.")
    return request.business


def _code(business: Business, way: str) -> kit.Symbol:
    return kit.symbol(short_links.address(business, way))


def _card(business: Business, dpi: int) -> kit.Sheet:
    shown = short_links.address(business, Way.CARD).partition("://")[2]
    return kit.counter_card(business.name, _code(business, Way.CARD), shown, business.language, dpi)


def _file(request: BusinessRequest, name: str, kind: str, raw: bytes) -> HttpResponse:
    called = content_disposition_header(True, f"{request.business.slug}-{name}") or "attachment"
    return HttpResponse(raw, content_type=kind, headers={"Content-Disposition": called})


urlpatterns: list[URLPattern] = [
    path("settings/link-kit/", link_kit, name="link_kit"),
    path("settings/link-kit/code.svg", code_svg, name="link_kit_code_svg"),
    path("settings/link-kit/code.png", code_png, name="link_kit_code_png"),
    path("settings/link-kit/card.png", card_png, name="link_kit_card_png"),
    path("settings/link-kit/card.pdf", card_pdf, name="link_kit_card_pdf"),
]
