"""The API described for machines (OpenAPI 3.1) and for people: one page, drawn from the same description."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from campaigns.api import shapes
from campaigns.api.keys import KEY_HEADER
from campaigns.api.problems import MEDIA_TYPE

ROOT = "/api/v1"
#: What may go wrong with every request; and with some.
ALWAYS = {
    400: "It cannot be read",
    401: "No token, or one that is not in use",
    403: "The token was not given the scope",
    404: "Nothing here that the token may see",
    405: "The address does not take this method",
    413: "The body is too large",
    415: "The body is no JSON",
    422: "It can be read and not be done; `code` and `errors` say why",
    429: "Too many requests; Retry-After says how long to wait",
    500: "Something went wrong on our side",
    503: "Busy; try again in a moment",
}
KEYED = {409: "A request with this key is still being done", 410: "Done, and its answer was thrown away since"}


@cache
def described(api: NinjaAPI) -> dict[str, Any]:
    """The whole description; the problems and the scopes are the same for all, so they are added here."""
    document: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=ROOT))
    document["components"]["schemas"]["Problem"] = shapes.ProblemShape.model_json_schema()
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                scope = getattr(operation.auth_callbacks[0], "scope", "")
                _complete(document, operation.operation_id or "", str(scope))
    return document


def _complete(document: dict[str, Any], operation_id: str, scope: str) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            if operation["operationId"] == operation_id:
                _add_to(operation, method, scope)


def _add_to(operation: dict[str, Any], method: str, scope: str) -> None:
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    wrong = ALWAYS | (KEYED if method == "post" else {})
    operation["responses"] |= {status: {"description": words, "content": problem} for status, words in wrong.items()}
    operation["security"] = [{"Bearer": [scope]}]
    operation["summary"] = operation["description"].split(".")[0].split(":")[0]
    if method == "post":
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[!-~]+$"}
        words = "Of your making. Repeated within 24 hours with the same body, the request is answered, not done again."
        operation["parameters"].append(
            {"in": "header", "name": KEY_HEADER, "required": False, "schema": key, "description": words}
        )


@require_safe
def openapi(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """The description as JSON; it holds nothing of anybody."""
    return JsonResponse(described(api))


# --- for people -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One parameter or field."""

    name: str
    kind: str
    is_required: bool
    words: str


@dataclass(frozen=True)
class Entry:
    """One thing that can be asked for."""

    anchor: str
    method: str
    path: str
    words: str
    scope: str
    rows: tuple[Row, ...]
    answers: tuple[tuple[str, str], ...]


@require_safe
def reference(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """The page.  Server-rendered and without any script: a foreign viewer would want to write styles of its own."""
    document = described(api)
    groups: dict[str, list[Entry]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_entry(document, path, method, operation))
    context = {"groups": groups, "scopes": shapes.SCOPES, "problems": ALWAYS | KEYED}
    return render(request, "api/reference.html", context)


def _entry(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Entry:
    given = [_row(each["name"], each["schema"], each["required"]) for each in operation["parameters"]]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    fields = list(_fields(document, body)) if body else []
    good = ((str(status), answer) for status, answer in operation["responses"].items() if int(status) < 300)
    return Entry(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        words=operation["description"],
        scope=operation["security"][0]["Bearer"][0],
        rows=(*given, *fields),
        answers=tuple((status, _answered(answer)) for status, answer in good),
    )


def _answered(answer: dict[str, Any]) -> str:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return _kind(schema) if schema else "nothing"


def _fields(document: dict[str, Any], schema: dict[str, Any], above: str = "") -> Iterator[Row]:
    """The fields of a body, those of the people in it after it."""
    known = _resolved(document, schema)
    for name, field in known.get("properties", {}).items():
        yield _row(f"{above}{name}", field, name in known.get("required", []))
        items = field.get("items", {})
        if "$ref" in items and _resolved(document, items).get("properties"):
            yield from _fields(document, items, f"{above}{name}[].")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(document["components"]["schemas"][name]) if name else schema


def _row(name: str, schema: dict[str, Any], is_required: bool) -> Row:
    words = schema.get("description") or next((each.get("description", "") for each in schema.get("anyOf", ())), "")
    return Row(name, _kind(schema), is_required, words)


def _kind(schema: dict[str, Any]) -> str:
    """“integer”, “string, at most 200”, “list of Person”."""
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2].removesuffix("_").replace("Page_", "Page of "))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = str(schema.get("format") or schema.get("type", "anything"))
    return f"{kind}, at most {schema['maxLength']}" if "maxLength" in schema else kind
