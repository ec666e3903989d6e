"""The bare photos and logos, to those of the business that uses them alone (S20, S42).

The address holds the picture's own SHA-256, so it cannot be guessed and what it shows never changes. The name is only
ever looked up in the database: no path is made of what somebody typed.
"""

from pathlib import Path

from django.http import Http404, HttpResponse
from django.urls import URLPattern, path, register_converter
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from campaigns.models import logo_path, photo_path
from campaigns.web.tenancy import BusinessRequest, page

#: A browser may keep a picture for a week; by then somebody else may sit at this desk.
KEEP = 7 * 24 * 3600


class PhotoName:
    """The file name of a photo, as `Card.photo` has it."""

    regex = r"[A-Za-z0-9_-]{1,76}\.jpg"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


class LogoName(PhotoName):
    """The file name of a logo, as `Business.logo` and `Card.logo` have it."""

    regex = r"[A-Za-z0-9_-]{1,76}\.png"


@require_safe
@page(keep=KEEP)
def photo_file(request: BusinessRequest, name: str) -> HttpResponse:
    """The photo under the words of one of this business's cards."""
    if not request.business.cards.filter(photo=name).exists():
        raise Http404("No card of this business has this photo.")
    return _picture(photo_path(name), "image/jpeg", "photo.jpg")


@require_safe
@page(keep=KEEP)
def logo_file(request: BusinessRequest, name: str) -> HttpResponse:
    """The logo of this business, or one that a card of it carries."""
    if name != request.business.logo and not request.business.cards.filter(logo=name).exists():
        raise Http404("Neither this business nor a card of it has this logo.")
    return _picture(logo_path(name), "image/png", "logo.png")


def _picture(file: Path, kind: str, called: str) -> HttpResponse:
    """A picture and nothing else, whatever its bytes should say."""
    try:
        response = HttpResponse(file.read_bytes(), content_type=kind)
    except FileNotFoundError as gone:
        raise Http404("This picture is gone.") from gone
    response["Content-Disposition"] = content_disposition_header(False, called) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


register_converter(PhotoName, "photo_name")
register_converter(LogoName, "logo_name")

urlpatterns: list[URLPattern] = [
    path("pictures/photos/<photo_name:name>", photo_file, name="photo_file"),
    path("pictures/logos/<logo_name:name>", logo_file, name="logo_file"),
]
