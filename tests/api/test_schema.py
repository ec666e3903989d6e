"""The description holds what it says: every operation, tried with hundreds of made-up requests."""

import json
from functools import cache

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from campaigns.api import api, documents
from campaigns.models import ApiToken

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


DOCUMENT = json.loads(json.dumps(documents.described(api)))
IDS = [each["operationId"] for methods in DOCUMENT["paths"].values() for each in methods.values()]


@cache
def operations():
    """By their ids, in the process itself: no socket."""
    loaded = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig())
    loaded.app = get_wsgi_application()
    found = [each.ok() for each in loaded.get_all_operations()]
    return {each.definition.raw["operationId"]: each for each in found}


@pytest.fixture(scope="module", autouse=True)
def read_before():
    """Reading the description takes a while, and PostgreSQL cuts off who idles in a transaction."""
    for each in operations().values():
        each.as_strategy()


@pytest.fixture
def one_connection():
    """The site in this process leaves the test's connection open, as Django's own test client has it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("operation_id", IDS)
def test_whatever_is_asked_is_answered_as_described(operation_id, mode, till, sandbox, campaign, one_connection):
    """Never a 5xx, never a status, a kind or a shape that the description does not know."""
    headers = {"Authorization": f"Bearer {till.words}", "Host": "localhost"}

    @FEW
    @given(case=operations()[operation_id].as_strategy(generation_mode=mode))
    def asked(case):
        ApiToken.objects.update(busy_until=0)
        assert case.call_and_validate(headers=headers, checks=CHECKS).status_code < 500

    asked()


def test_a_description_that_is_not_kept_is_found_out(till, sandbox, campaign, one_connection):
    """The same questions, held against a description in which no answer is foreseen."""
    silent = json.loads(json.dumps(DOCUMENT))
    for methods in silent["paths"].values():
        for each in methods.values():
            each["responses"] = {"418": {"description": "A teapot."}}
    loaded = schemathesis.openapi.from_dict(silent, config=SchemathesisConfig())
    loaded.app = get_wsgi_application()
    lied = next(each.ok() for each in loaded.get_all_operations())
    with pytest.raises(FailureGroup, match="Undocumented status code"):
        lied.Case().call_and_validate(headers={"Authorization": "Bearer nobody", "Host": "localhost"}, checks=CHECKS)


def test_the_description_can_be_had_by_anybody_and_tells_nothing_of_anybody(client, db):
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.json()["openapi"]) == (200, "3.1.0")
    assert len(IDS) == len(set(IDS)) == 24


def test_the_reference_shows_every_operation_and_holds_no_script_of_others(client, db):
    page = client.get("/api/docs/")
    text = page.content.decode()
    for methods in documents.described(api)["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in text
    assert page["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert ("http://" in text.replace("http://www.w3.org", ""), "https://" in text) == (False, False)
