"""Nobody sees or changes anything of another tenant: every address × foreign ids × methods, from the URL map (G15)."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from campaigns.models import Allowance, Campaign, Membership, User
from tests.api.test_scopes import BODIES, IDS, OPERATIONS
from tests.isolation.answers import read
from tests.isolation.lives import CANARY, DIGITS, OWN_DIGITS, OWN_WORD, Life, two_lives
from tests.isolation.ownership import crossings, rows_of
from tests.isolation.rules import EXAMPLES, FIELDS, NO_ID, OURS, ROUTES, RULES, Route, address, routes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOBODYS = {"photo": "nobodys.jpg", "logo": "nobodys.png", "number": "+15125559999"}
NO_SUCH = 987654321
#: Addresses that read JSON.
AT_THE_DESK = re.compile(r"/cards/\d+/(?:draw|notes|save|settle)/")
#: What differs between two answers to the same question.
CHANGING = re.compile(rb'(?:csrfmiddlewaretoken" value=|"x-csrftoken": |"token": |name="slip" value=)"[\w-]+"')
WITH_IDS = [route for route in OURS if RULES[route.name].ids]


@pytest.fixture
def lives(ada, rival, sandbox, clock) -> tuple[Life, Life]:
    made = two_lives(ada, rival, sandbox, clock)
    Allowance.objects.all().delete()
    return made


@pytest.fixture
def desk(ada, client: Client) -> Client:
    client.force_login(ada.user)
    client.raise_request_exception = True
    return client


def body(answer: Any) -> bytes:
    """All that the answer tells, unpacked where it is packed."""
    raw = read(answer)
    told = "\n".join(f"{name}: {value}" for name, value in answer.items() if name != "X-Request-ID").encode()
    if raw.startswith(b"PK"):
        packed = zipfile.ZipFile(io.BytesIO(raw))
        raw = b"\n".join([name.encode() + packed.read(name) for name in packed.namelist()])
    return told + b"\n\n" + CHANGING.sub(b"", raw)


def tells(answer: Any) -> list[str]:
    """What of the other tenant stands in it."""
    told = body(answer)
    return [word for word in (CANARY, DIGITS) if word.lower().encode() in told.lower()]


def ask(client: Client, method: str, path: str, given: dict[str, Any] | None = None, **headers: str) -> Any:
    Allowance.objects.all().delete()  # how much one may do at a stretch is another test's matter
    if method == "POST" and AT_THE_DESK.fullmatch(path):
        given = {"design": {}, "revision": 1, "wish": "own"}
    elif method in ("GET", "POST"):
        return getattr(client, method.lower())(path, given or {}, headers=headers)
    return client.generic(method, path, json.dumps(given or {}), content_type="application/json", headers=headers)


# --- every address has a rule ---------------------------------------------------------------------------------------


def test_every_address_has_a_rule_and_every_rule_an_address():
    assert {route.name for route in routes()} == set(RULES)


def test_every_rule_says_what_its_ids_stand_for():
    plain = {*EXAMPLES, "token", "code", "end", "path"} - {"number"}
    for route in ROUTES:
        if not RULES[route.name].is_public:
            assert set(route.parameters) - plain == set(RULES[route.name].ids), route


def test_every_name_read_from_a_request_is_known_to_hold_an_id_or_none():
    named = {name for fields in FIELDS.values() for name in fields}
    assert read_in_the_views() - named - NO_ID == set()


def test_every_choice_among_rows_in_a_form_is_in_the_table():
    named = {name for fields in FIELDS.values() for name in fields}
    assert choices_among_rows(forms.Form) - named == set()


def read_in_the_views() -> set[str]:
    asked = re.compile(r'(?:POST|GET)\.(?:get|getlist)\("(\w+)"|(?:POST|GET)\["(\w+)"\]')
    files = Path(settings.ROOT, "campaigns", "web").rglob("*.py")
    return {name for file in files for pair in asked.findall(file.read_text()) for name in pair if name}


def choices_among_rows(form: type) -> set[str]:
    mine = {
        name
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.ModelChoiceField) and form.__module__.startswith("campaigns.")
    }
    return mine.union(*map(choices_among_rows, form.__subclasses__()))


# --- addresses ------------------------------------------------------------------------------------------------------


def foreign(route: Route, mine: Life, theirs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each id in the address is the other's in its turn, and then all of them."""
    kinds = list(RULES[route.name].ids.values())
    for swapped in [*([kind] for kind in kinds), kinds][: len(kinds) + (len(kinds) > 1)]:
        if swapped != ["row"]:  # the number of a row says nothing without its list
            yield mine.ids | {kind: theirs[kind] for kind in swapped}


def test_another_tenants_ids_are_not_there(lives, desk):
    """404, or what an id would get that nobody has; and nothing of theirs is changed (S12)."""
    mine, theirs = lives
    nobodys = {kind: NOBODYS.get(kind, NO_SUCH) for kind in theirs.ids}
    before, wrong = rows_of(theirs.owner.organization), []
    for route, method in product(WITH_IDS, METHODS):
        for ids, none in zip(foreign(route, mine, theirs.ids), foreign(route, mine, nobodys), strict=True):
            got, blank = (ask(desk, method, address(route, which)) for which in (ids, none))
            if got.status_code not in (404, 405) or got.status_code != blank.status_code or tells(got):
                wrong.append((route.name, method, got.status_code, blank.status_code, tells(got)))
    assert wrong == []
    assert rows_of(theirs.owner.organization) == before


def test_a_fragment_is_no_way_around(lives, desk):
    _mine, theirs = lives
    wrong = []
    for route, method in product(WITH_IDS, ("GET", "POST")):
        got = ask(desk, method, address(route, theirs.ids), **{"HX-Request": "true"})
        if got.status_code not in (404, 405) or tells(got):
            wrong.append((route.name, method, got.status_code))
    assert wrong == []


def test_nothing_of_another_tenant_is_on_anything_one_can_reach(lives, desk):
    """Lists, exports, pictures, errors: S13.  And they are really reached."""
    mine, _theirs = lives
    reached, wrong = 0, []
    for route in OURS:
        got = ask(desk, "GET", address(route, mine.ids))
        reached += got.status_code == 200
        wrong += [(route.name, word) for word in tells(got)]
    assert wrong == []
    assert reached > 55


#: They tell of the machine, have chance in them, or grow with what is looked at.
NEVER_THE_SAME = (
    *("system", "system_live", "app_add", "passkey_add", "prove", "prove_options"),
    *("activity", "activity_csv"),
)
SEARCHED = (
    "customers",
    "locations",
    "location_choice",
    "campaigns",
    "inbox",
    "customer_join",
    "campaign_pictures",
    "results",
    "reviews",
)


def test_no_search_finds_them(lives, desk):
    mine, _ = lives
    words = (CANARY[:5], CANARY[:5].lower(), DIGITS[:4], "+1" + DIGITS[:3])
    for route, word in product(OURS, words):
        if route.name in SEARCHED:
            got = ask(desk, "GET", address(route, mine.ids), {"q": word, "name": word, "show": "all"})
            assert tells(got) == [], route.name


def test_whether_the_other_is_there_or_not_my_pages_are_the_same(lives, desk):
    """Counts, too: byte by byte."""
    mine, theirs = lives
    pages = [route for route in OURS if route.name not in NEVER_THE_SAME]
    seen = {route: body(ask(desk, "GET", address(route, mine.ids))) for route in pages}
    Campaign._base_manager.filter(business__organization=theirs.owner.organization).delete()
    theirs.owner.organization.delete()
    again = {route: body(ask(desk, "GET", address(route, mine.ids))) for route in pages}
    assert [route.name for route in pages if seen[route] != again[route]] == []


# --- ids in forms and behind question marks -------------------------------------------------------------------------

#: What a form needs beside the id, so that the id is what it fails by.
DRAFT = {"name": "Draft", "flow": "greeting_first", "greeting": "Hello", "ask": "Would you review us? {review_link}"}
GIVEN: dict[str, list[dict[str, Any]]] = {
    "campaign_new": [DRAFT],
    "campaign_edit": [DRAFT],
    "customers_bulk": [
        {"act": act, "tags": "x", "sure": "yes"} for act in ("ask", "household", "tag", "untag", "stop", "erase")
    ],
    "conversation_assign": [{}],
    "api_tokens": [{"name": "Till", "scopes": ["customers:read"]}],
    "webhooks": [{"url": "https://example.com/hook", "events": ["message.sent"]}],
    "customer_join": [{}, {"stays": "other"}],
    "customer_served": [{"served": "yes"}],
}


def test_a_foreign_id_in_a_form_does_nothing_to_the_other(lives, desk):
    """Alone, and among one's own: nothing of theirs is told or changed, and no row of mine points there (S12, S17)."""
    mine, theirs = lives
    before, wrong = rows_of(theirs.owner.organization), []
    for name, asked, kind, given in fields():
        [route] = [each for each in OURS if each.name == name]
        with undone(desk):
            for ids, method in product(([theirs.ids[kind]], [mine.ids[kind], theirs.ids[kind]]), ("POST", "GET")):
                if tells(ask(desk, method, address(route, mine.ids), given | {asked: ids})):
                    wrong.append((name, asked, given, method))
            if rows_of(theirs.owner.organization) != before or crossings():
                wrong.append((name, asked, given, crossings()))
    assert wrong == []


def fields() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Every field with an id, with each set of what must be there beside it."""
    for name, kinds in FIELDS.items():
        for (asked, kind), given in product(kinds.items(), GIVEN.get(name, [{}])):
            yield name, asked, kind, given


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Whatever happens in here has not happened."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def test_the_other_organizations_name_in_a_form_is_ignored(lives, desk):
    """No field that nobody offered is taken (S17): organization, business, role and the like."""
    mine, theirs = lives
    before = rows_of(theirs.owner.organization)
    smuggled = {"organization": theirs.owner.organization.pk, "organization_id": theirs.owner.organization.pk}
    smuggled |= {"business_id": theirs.ids["business"], "customer_id": theirs.ids["customer"]}
    smuggled |= {"campaign": theirs.ids["campaign"], "card_id": theirs.ids["card"], "user": theirs.ids["user"]}
    wrong = []
    for route in OURS:
        if route.name != "switch_business":
            given = (GIVEN.get(route.name) or [{}])[0]
            wrong += [
                (route.name, word) for word in tells(ask(desk, "POST", address(route, mine.ids), given | smuggled))
            ]
    assert wrong == []
    assert rows_of(theirs.owner.organization) == before
    assert crossings() == []


# --- some locations only --------------------------------------------------------------------------------------------


def test_who_sees_one_location_reaches_nothing_of_the_others(lives, client):
    """A manager limited to the second location of the same account."""
    mine, _ = lives
    made = User.objects.create_user("dana@example.com", "correct horse battery", first_name="Dana")
    member = Membership.objects.create(user=made, organization=mine.owner.organization, role="manager")
    member.locations.set([mine.ids["second"]])
    client.force_login(made)
    wrong = []
    for route, method in product(OURS, ("GET", "POST")):
        with undone(client):
            got = ask(client, method, address(route, mine.ids))
            told = [word for word in (f"{OWN_WORD}son", OWN_DIGITS) if word.encode() in body(got)]
        if told or (RULES[route.name].ids and got.status_code not in (403, 404, 405)):
            wrong.append((route.name, method, got.status_code, told))
    assert wrong == []


# --- who is nobody --------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_is_sent_to_the_door(lives, client):
    """Every page that is not for everybody, and with every method (S12)."""
    mine, _ = lives
    wrong = []
    for route, method in product(OURS, METHODS):
        got = ask(client, method, address(route, mine.ids))
        is_sent = got.status_code == 302 and got["Location"].startswith(reverse("sign_in"))
        if not is_sent and got.status_code != 405:
            wrong.append((route.name, method, got.status_code))
    assert wrong == []


# --- programs -------------------------------------------------------------------------------------------------------


def program(life: Life) -> Client:
    return Client(headers={"authorization": f"Bearer {life.words}"})


def of_the_api(operation_id: str, ids: dict[str, Any]) -> tuple[str, str, dict | None]:
    """Method, address and body of an operation."""
    method, path, _ = OPERATIONS[operation_id]
    given = BODIES.get(operation_id)
    if operation_id == "erase_person":
        given = {"customer": ids["customer"]}
    elif given and operation_id not in ("stop_number", "add_webhook"):
        given = given | {"business": ids["business"]}
    return method.upper(), "/api/v1" + path.format(**{**ids, "erasure": ids["erasure"]}), given


def test_a_token_reaches_nothing_of_another_tenant(lives):
    """Every operation × every id in its address × every method, asked for or not."""
    mine, theirs = lives
    before, wrong = rows_of(theirs.owner.organization), []
    for (operation_id, (_, path, _)), method in product(OPERATIONS.items(), METHODS):
        for kind in [each for each in IDS if re.search(rf"{{(?:int:)?{each}}}", path)]:
            _, there, given = of_the_api(operation_id, mine.ids | {kind: theirs.ids[kind]})
            got = ask_as(program(mine), method, there, given)
            if got.status_code not in (404, 405) or tells(got):
                wrong.append((operation_id, kind, method, got.status_code))
    assert wrong == []
    assert rows_of(theirs.owner.organization) == before


def ask_as(client: Client, method: str, path: str, given: dict | None) -> Any:
    told = json.dumps(given) if given is not None and method != "GET" else ""
    return client.generic(method, path, told, content_type="application/json")


def test_no_answer_to_a_program_holds_anything_of_another_tenant(lives):
    mine, _theirs = lives
    for operation_id in OPERATIONS:
        method, there, given = of_the_api(operation_id, mine.ids)
        client = program(mine)
        with undone(client):
            got = ask_as(client, method, there, given)
        assert got.status_code < 300, (operation_id, got.content)
        assert tells(got) == [], operation_id


def test_a_foreign_id_in_the_body_or_a_parameter_of_a_program_is_not_there(lives):
    mine, theirs = lives
    before = rows_of(theirs.owner.organization)
    for field, (operation_id, (_, _, operation)) in product(IDS, OPERATIONS.items()):
        method, there, given = of_the_api(operation_id, mine.ids)
        in_query = any(each["name"] == field and each["in"] == "query" for each in operation["parameters"])
        got = ask_as(
            program(mine),
            method,
            f"{there}?{field}={theirs.ids[field]}" if in_query else there,
            given | {field: theirs.ids[field]} if given else None,
        )
        assert tells(got) == [], operation_id
        assert got.status_code == 404 or not in_query, operation_id
    assert rows_of(theirs.owner.organization) == before
    assert crossings() == []
