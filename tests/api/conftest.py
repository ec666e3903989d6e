"""A program of Ada's, with a token, that asks as programs do."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns.models import ApiToken, Business, Organization
from tests.cast import Ada

ROOT = "/api/v1"
EVERYTHING = list(ApiToken.Scope.values)
PERSON = {"phone": "+15125550142", "first_name": "Marcus", "consent": "Gave his number at the counter"}


class Program:
    """Asks with one token."""

    def __init__(self, words: str, token: ApiToken) -> None:
        self.words, self.token = words, token
        self._client = Client(headers={"authorization": f"Bearer {words}"})

    def ask(self, method: str, path: str, body: Any = None, key: str = "", **more: Any) -> Any:
        headers = {"idempotency-key": key} if key else {}
        data = "" if body is None else json.dumps(body)
        given = {"data": data, "content_type": "application/json"} if body is not None else {}
        return self._client.generic(method.upper(), ROOT + path, headers=headers, **given, **more)

    def get(self, path: str) -> Any:
        return self.ask("get", path)

    def post(self, path: str, body: Any = None, key: str = "") -> Any:
        return self.ask("post", path, body, key)


def make_program(
    organization: Organization, scopes: list[str] | None = None, business: Business | None = None
) -> Program:
    by = organization.memberships.get().user
    token, words = ApiToken.make(organization, "Till", EVERYTHING if scopes is None else scopes, by, business)
    return Program(words, token)


@pytest.fixture
def till(ada: Ada, clock) -> Program:
    """May do everything."""
    return make_program(ada.organization)


@pytest.fixture
def program(ada: Ada, clock) -> Callable[..., Program]:
    """One with these scopes."""
    return lambda *scopes, **more: make_program(ada.organization, list(scopes), **more)


def code(answer: Any) -> str:
    """The code of a problem; the answer is one, with everything a problem has."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    said = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= said.keys()
    assert said["status"] == answer.status_code
    return str(said["code"])
