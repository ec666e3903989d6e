"""Every operation × every scope, and every operation × another tenant's ids: both generated from the addresses."""

from itertools import product

import pytest
from django.utils import timezone

from campaigns import outgoing
from campaigns.api import api, documents
from campaigns.models import (
    ApiToken,
    Business,
    Customer,
    Erasure,
    OutgoingEvent,
    Suppression,
    WebhookCall,
    WebhookEndpoint,
)
from tests.api.conftest import EVERYTHING, PERSON, code, make_program
from tests.cast import Ada, make_campaign, make_customer

DOCUMENT = documents.described(api)
OPERATIONS = {
    operation["operationId"]: (method, path.removeprefix("/api/v1"), operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
#: A body that would do, for each operation that takes one.
BODIES = {
    "add_customer": PERSON,
    "put_customer": PERSON,
    "add_customers": {"consent": "At the counter", "customers": [{"phone": "+15125550142"}]},
    "stop_number": {"phone": "+15125550142"},
    "ask_customer": PERSON | {"last_visit": "2026-03-01"},
    "erase_person": {"customer": 1},
    "add_webhook": {"url": "https://example.com/hook", "events": ["message.sent"]},
}


def belongings(owner: Ada) -> dict[str, int]:
    """Something of each kind that has an id, by the name it has in addresses and bodies."""
    person = make_customer(owner.business, 77)
    campaign = make_campaign(owner)
    delivery = campaign.deliveries.create(customer=person)
    endpoint = outgoing.add(owner.organization, "http://127.0.0.1:9/hook", ["message.sent"], owner.user)
    event = OutgoingEvent.objects.create(
        organization=owner.organization,
        business=owner.business,
        customer=person,
        type="message.sent",
        data={},
        at=timezone.now(),
    )
    call = WebhookCall.objects.create(event=event, endpoint=endpoint)
    erasure = Erasure.objects.create(organization=owner.organization, customer=make_customer(owner.business, 78))
    rows = {"customer": person, "campaign": campaign, "delivery": delivery, "webhook": endpoint, "call": call}
    return {name: row.pk for name, row in (rows | {"erasure": erasure, "business": owner.business}).items()}


def addressed(path: str, ids: dict[str, int]) -> str:
    return path.format(**ids)


def body_of(operation_id: str, ids: dict[str, int]) -> dict | None:
    body = BODIES.get(operation_id)
    return body | ({"customer": ids["customer"]} if operation_id == "erase_person" else {}) if body else None


def test_every_operation_has_a_scope_and_a_body_here_where_it_takes_one():
    """A new operation without a rule fails (G15)."""
    takes = {name for name, (_, _, operation) in OPERATIONS.items() if "requestBody" in operation}
    assert takes == set(BODIES)
    assert {operation["security"][0]["Bearer"][0] for _, _, operation in OPERATIONS.values()} == set(EVERYTHING)


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_it_opens_to_its_own_scope_and_to_no_other(ada, clock, sandbox, operation_id):
    method, path, operation = OPERATIONS[operation_id]
    [scope] = operation["security"][0]["Bearer"]
    ids = belongings(ada)
    others = make_program(ada.organization, [each for each in EVERYTHING if each != scope])
    refused = others.ask(method, addressed(path, ids), body_of(operation_id, ids))
    assert (refused.status_code, code(refused), refused.json()["scope"]) == (403, "scope", scope)
    own = make_program(ada.organization, [scope]).ask(method, addressed(path, ids), body_of(operation_id, ids))
    assert own.status_code < 300, own.content


def foreign() -> list[tuple[str, str, str]]:
    """Where an id may stand: in the address, the body, a parameter."""
    found = []
    for name, (_, _, operation) in OPERATIONS.items():
        fields = {each["name"]: each["in"] for each in operation["parameters"]}
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        known = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
        fields |= dict.fromkeys(known.get("properties", {}), "body")
        found += [(name, where, field) for field, where in fields.items() if field in IDS]
    return found


IDS = ("business", "customer", "campaign", "delivery", "webhook", "call", "erasure")


@pytest.mark.parametrize(("operation_id", "where", "field"), foreign())
def test_another_tenants_id_is_not_there(ada, rival, clock, sandbox, operation_id, where, field):
    """S12, S13: in the address, in a parameter, in the body."""
    method, path, _ = OPERATIONS[operation_id]
    mine, theirs = belongings(ada), belongings(rival)
    before = footprint(rival)
    address = addressed(path, mine | {field: theirs[field]} if where == "path" else mine)
    address += f"?{field}={theirs[field]}" if where == "query" else ""
    body = body_of(operation_id, mine)
    answer = make_program(ada.organization).ask(
        method, address, body | {field: theirs[field]} if where == "body" and body else body
    )
    assert (answer.status_code, code(answer)) == (404, "not_found")
    assert footprint(rival) == before


def footprint(owner: Ada) -> list:
    """What an act on the other's rows would have changed."""
    ours = {"organization": owner.organization}
    return [
        list(WebhookEndpoint.objects.filter(**ours).values_list("pk", "disabled_at", "old_until")),
        list(WebhookCall.objects.filter(endpoint__organization=owner.organization).values_list("due_at", "tries")),
        list(Customer.objects.filter(business=owner.business).values_list("pk", "stopped_at")),
        Erasure.objects.filter(**ours).count(),
        Suppression.objects.filter(**ours).count(),
    ]


def test_no_list_shows_anything_of_another_tenant(ada, rival, clock, sandbox):
    theirs = belongings(rival)
    Customer.objects.filter(pk=theirs["customer"]).update(first_name="Canary")
    program = make_program(ada.organization)
    lists = [path for method, path, _ in OPERATIONS.values() if method == "get" and "{" not in path]
    assert len(lists) == 5
    for path in lists:
        answer = program.get(path)
        assert answer.json()["items"] == ([] if path != "/businesses" else answer.json()["items"])
        assert "Canary" not in answer.content.decode()
        assert rival.business.name not in answer.content.decode()


@pytest.mark.parametrize(("operation_id", "where", "field"), foreign())
def test_a_token_of_one_location_sees_nothing_of_the_others(ada, clock, sandbox, operation_id, where, field):
    method, path, operation = OPERATIONS[operation_id]
    if ApiToken.WHOLE_ACCOUNT & set(operation["security"][0]["Bearer"]):
        pytest.skip("not for a token of one location")
    second = Business.objects.create(organization=ada.organization, name="Café", slug="cafe", sender="Ada")
    theirs = belongings(ada)
    limited = make_program(ada.organization, business=second)
    if where == "path":
        assert code(limited.ask(method, addressed(path, theirs), body_of(operation_id, theirs))) == "not_found"
    elif where == "query" and "{" not in path:
        assert code(limited.get(f"{path}?{field}={theirs[field]}")) == "not_found"
    elif where == "body":
        body = (body_of(operation_id, theirs) or {}) | {field: theirs[field]}
        assert code(limited.ask(method, path, body)) == "not_found"


@pytest.mark.parametrize("scope", sorted(ApiToken.WHOLE_ACCOUNT))
def test_a_token_of_one_location_neither_hands_out_nor_erases(ada, clock, sandbox, scope):
    limited = make_program(ada.organization, [scope], business=ada.business)
    ids = belongings(ada)
    for name, (method, path, operation) in OPERATIONS.items():
        if operation["security"][0]["Bearer"] == [scope]:
            assert code(limited.ask(method, addressed(path, ids), body_of(name, ids))) == "one_location"


def test_numbers_go_to_a_webhook_only_by_a_token_that_may_read_them(ada, program):
    asked = BODIES["add_webhook"] | {"with_phone": True}
    assert code(program("webhooks:write").post("/webhooks", asked)) == "scope"
    assert program("webhooks:write", "customers:read").post("/webhooks", asked).status_code == 201


def test_a_revoked_token_opens_nothing_at_the_next_request(till, clock):
    assert till.get("/customers").status_code == 200
    till.token.revoke(clock())
    assert till.get("/customers").status_code == 401


@pytest.mark.parametrize(("first", "second"), list(product(["limited", "whole"], repeat=2))[1:3])
def test_a_limited_webhook_is_seen_by_the_whole_and_the_whole_not_by_the_limited(ada, clock, first, second):
    programs = {
        "limited": make_program(ada.organization, business=ada.business),
        "whole": make_program(ada.organization),
    }
    made = programs[first].post("/webhooks", BODIES["add_webhook"]).json()
    assert made["business"] == (ada.business.pk if first == "limited" else None)
    seen = [each["id"] for each in programs[second].get("/webhooks").json()["items"]]
    assert seen == ([made["id"]] if second == "whole" else [])
