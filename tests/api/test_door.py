"""What every request of a program passes: size, kind, who, how often."""

import json
import logging

import pytest
from django.db import OperationalError
from django.test import Client

from campaigns.api import whose
from campaigns.models import ApiToken
from tests.api.conftest import PERSON, ROOT, code, make_program
from tests.cast import at_once


def test_nobody_comes_in_without_a_token_that_is_in_use(ada, till, client):
    till.token.revoke(ada.user.date_joined)
    for given in ("", "Bearer", "Bearer gw_nobody", f"Bearer {till.words}", f"Basic {till.words}", "Bearer \udc80"):
        answer = client.get(f"{ROOT}/customers", headers={"authorization": given.encode("utf-8", "replace").decode()})
        assert (answer.status_code, code(answer)) == (401, "no_token")
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_of_the_pages_opens_nothing_here(desk, ada):
    assert desk.get(f"{ROOT}/customers").status_code == 401


@pytest.fixture
def desk(ada, client):
    client.force_login(ada.user)
    return client


def test_only_the_hash_of_a_token_is_kept(till):
    kept = ApiToken.objects.values().get()
    assert till.words not in str(kept)
    assert (kept["shown"], len(kept["token_hash"]), len(till.words) > 43) == (till.words[:8], 64, True)


def test_it_is_noted_when_a_token_was_used_last(till, clock):
    till.get("/customers")
    assert ApiToken.objects.get().last_used_at == clock()


def test_no_other_site_may_read_and_nothing_is_cached(till):
    answer = till.ask("get", "/customers", **{"HTTP_ORIGIN": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer
    assert (answer["Cache-Control"], answer.cookies) == ("no-store", {})
    assert till.ask("options", "/customers").status_code == 405


def test_it_needs_no_csrf_token_for_there_is_no_cookie(till):
    strict = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {till.words}"})
    answer = strict.post(f"{ROOT}/customers", json.dumps(PERSON), content_type="application/json")
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/",
        "/customers/",
        "/customers/99999999999999999999999",
        "/webhooks/%0A5/calls",
        "/customers%0A",
    ],
)
def test_an_address_nobody_has_is_a_problem_too(till, path):
    assert code(till.get(path)) == "not_found"


def test_another_method_is_a_problem_and_says_which_there_are(till):
    answer = till.ask("delete", "/customers")
    assert (answer.status_code, code(answer)) == (405, "method_not_allowed")
    assert {each.strip() for each in answer["Allow"].split(",")} == {"GET", "POST", "PUT"}


def test_a_body_of_ten_megabytes_is_refused(till):
    answer = till.post("/customers", PERSON | {"first_name": "x" * 10 * 1024 * 1024})
    assert (answer.status_code, code(answer)) == (413, "too_large")
    assert till.post("/customers/bulk", {"x": "x" * 6 * 1024 * 1024}).status_code == 413
    assert till.post("/customers/bulk", {"x": "x" * 3 * 1024 * 1024}).status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_is_not_json_is_refused(till, kind):
    answer = till._client.generic("POST", f"{ROOT}/customers", "a=b", content_type=kind)
    assert (answer.status_code, code(answer)) == (415, "not_json")


@pytest.mark.parametrize("body", ["{", "[" * 100_000, "\x00", '{"phone": "\xff"'])
def test_json_that_cannot_be_read_is_refused(till, body):
    answer = till._client.generic("POST", f"{ROOT}/customers", body, content_type="application/json")
    assert (answer.status_code, code(answer)) == (400, "unreadable")


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"rating": 5}, "/rating"),
        ({"organization": 1}, "/organization"),
        ({"phone": None}, "/phone"),
        ({"phone": 5125550142}, "/phone"),
        ({"first_name": "\ud800"}, "/first_name"),
        ({"first_name": "x" * 201}, "/first_name"),
        ({"last_visit": "yesterday"}, "/last_visit"),
        ({"tags": ["x"] * 21}, "/tags"),
        ({"tags": [1]}, "/tags/0"),
        ({"business": -1}, "/business"),
        ({"business": 2**63}, "/business"),
        ({"consent": ""}, "/consent"),
    ],
)
def test_a_field_that_is_unknown_or_wrong_is_pointed_at(till, changed, pointer):
    answer = till.post("/customers", PERSON | changed)
    assert (answer.status_code, code(answer)) == (422, "invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("body", [[], "x", 5, None])
def test_a_body_that_is_no_object_is_refused(till, body):
    assert till.post("/customers", body).status_code in (422, 415)


def test_a_parameter_that_is_misspelt_does_not_show_everything(till):
    answer = till.get("/customers?phon=5125550142")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "phon")


@pytest.mark.parametrize("cursor", ["x", "", "MQ.MQ", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "%F0%9F%92%A9"])
def test_a_cursor_that_is_none_of_ours_is_refused(till, cursor):
    assert code(till.get(f"/customers?cursor={cursor}")) == "invalid"


def test_who_asks_too_often_is_told_when_to_come_back(till, clock):
    answers = [till.get("/businesses").status_code for _ in range(101)]
    assert answers == [200] * 100 + [429]
    refused = till.get("/businesses")
    assert (code(refused), refused["Retry-After"]) == ("too_many", "1")
    assert refused["RateLimit"].startswith('"token";r=0')
    clock.go(seconds=1)
    assert [till.get("/businesses").status_code for _ in range(11)] == [200] * 10 + [429]


def test_how_many_are_left_stands_in_the_headers(till):
    till.get("/businesses")
    answer = till.get("/businesses")
    assert (answer["RateLimit-Policy"], answer["RateLimit"]) == ('"token";q=100;w=10', '"token";r=98;t=1')


def test_one_token_does_not_use_up_anothers(ada, till):
    other = make_program(ada.organization)
    for _ in range(101):
        till.get("/businesses")
    assert other.get("/businesses").status_code == 200


def test_a_clock_that_was_wrong_for_a_while_locks_nobody_out(till, clock):
    clock.go(days=1)
    till.get("/businesses")
    clock.go(days=-1)
    assert till.get("/businesses").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_get_through_than_may(transactional_db, ada, till, clock):
    """S19."""
    ApiToken.objects.update(busy_until=clock().timestamp() + 9.5)
    token = ApiToken.objects.get()
    taken = at_once([lambda: token.take(clock()).is_given for _ in range(12)])
    assert taken.count(True) == 5


def test_what_fails_inside_is_said_without_anything_of_the_inside(till, monkeypatch, caplog):
    """S51."""

    def fails(*_):
        raise ValueError("secret of the inside")

    monkeypatch.setattr(whose, "customers", fails)
    with caplog.at_level(logging.ERROR):
        answer = till.get("/customers")
    assert (answer.status_code, code(answer)) == (500, "our_fault")
    assert "inside" not in answer.content.decode().replace("on our side", "")
    assert "an API request failed" in caplog.text


def test_a_database_that_is_away_is_a_503_to_come_back_to(till, monkeypatch):
    def away(*_):
        raise OperationalError("database is locked")

    monkeypatch.setattr(whose, "customers", away)
    answer = till.get("/customers")
    assert (answer.status_code, code(answer), answer["Retry-After"]) == (503, "busy", "1")


def test_no_number_or_token_gets_into_the_logs(till, caplog):
    """S48."""
    with caplog.at_level(logging.DEBUG):
        till.post("/customers", PERSON)
        till.get("/customers?phone=%2B15125550142")
    ours = " ".join(each.getMessage() for each in caplog.records if each.name.startswith("campaigns"))
    assert "5550142" not in ours
    assert till.words not in ours
