"""What other programs may do: JSON under /api/v1/, each request with a token that was given the scope for it.

door        what every request passes: size, kind, who, how often, once
whose       what a token may see
shapes      what is sent and got; unknown fields are refused
customers, deliveries, people, webhooks     the operations
documents   the description, for machines and for people
"""

from typing import Any, NoReturn

from django.http import Http404, HttpRequest
from django.urls import URLPattern, URLResolver, include, path, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import JSONRenderer

from campaigns.api import customers, deliveries, documents, people, webhooks
from campaigns.api.door import behind, nothing_here, through
from campaigns.api.problems import Problem, invalid, missing

ABOUT = (
    "Goodword asks a business's customers for a review, one by one, by iMessage. "
    "Each request carries a token: Authorization: Bearer gw_… Times are in UTC. Unknown fields are refused."
)


class Renderer(JSONRenderer):
    """Letters as they are: what is kept of an answer must be found again by the names in it."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(title="Goodword", version="1", description=ABOUT, openapi_url=None, docs_url=None, renderer=Renderer())
for router in (customers.router, deliveries.router, people.router, webhooks.router):
    api.add_router("", router)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: Any) -> NoReturn:
    raise invalid(error.errors)


@api.exception_handler(HttpError)
def _not_read(request: HttpRequest, error: Any) -> NoReturn:
    raise Problem(error.status_code, "unreadable", "The body is not JSON that can be read. Nothing was done.")


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Any) -> NoReturn:
    raise missing()


@api.exception_handler(Exception)
def _on(request: HttpRequest, error: Any) -> NoReturn:
    raise error


def _operations() -> list[URLPattern]:
    """Every address of an operation, behind the door."""
    patterns, _, _ = api.urls
    return [behind(each) for each in patterns if isinstance(each, URLPattern) and each.name != "api-root"]


urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/openapi.json", documents.openapi, {"api": api}, name="api_openapi"),
    path("api/docs/", documents.reference, {"api": api}, name="api_reference"),
    path("api/v1/", include((_operations(), "api"))),
    re_path(r"^api(?:/[\s\S]*)?\Z", through(nothing_here)),
]
