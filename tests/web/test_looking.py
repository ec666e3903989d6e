"""Every address of the map, only looked at: nothing changes, every answer is sealed, and a stranger sees none."""

import re

import pytest
from django.apps import apps
from django.test import Client

from campaigns.models import AuditEntry
from tests import routes
from tests.furnished import furnish

#: What may be seen without signing in, by the name of its route.
OPEN = {
    *("sign_in", "sign_in_link", "open_link", "short_link", "chert_webhook", "api_reference"),
    *("account_login", "sign_in_passkey", "mfa_authenticate", "forgotten", "account_reset_password_from_key"),
    *("account_confirm_email", "join", "join_link", "front_desk", "front_desk_lock", "sign_out"),
    "",  # an address that leads to the page that took its place
}
#: Tables in which looking leaves a trace, and why.
TRACES = {
    "AuditEntry": "that a file was taken out (S46)",
    "Allowance": "how many files and pictures one person took (S55)",
    "Session": "when somebody was there last",
    "Opening": "how often a link was opened (S27)",
}


@pytest.fixture
def room(ada):
    return furnish(ada.business, ada.user)


def snapshot():
    """Every row of every table, but for the traces."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model.__name__ not in TRACES:
            found[model.__name__] = sorted(map(repr, model._base_manager.values_list()))
    return found


def whole(answer):
    """To its end, which closes what it reads from."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_every_address_of_the_map_can_be_filled(room):
    """A new route says in tests/routes.py what stands in its holes."""
    assert [address for address in routes.addresses(room) if "<" in address] == []
    assert len(routes.every()) > 120


def test_looking_at_every_address_changes_nothing(desk, room):
    """S27.  HEAD and OPTIONS are looking, too."""
    before = snapshot()
    for address in routes.addresses(room):
        for look in (desk.get, desk.head, desk.options):
            whole(look(address))
    after = snapshot()
    assert {name: (len(before[name]), len(after[name])) for name in before if before[name] != after[name]} == {}


def test_what_looking_leaves_in_the_book_is_files_taken_out(desk, room):
    known = AuditEntry.objects.order_by("-pk")[0].pk
    for address in routes.addresses(room):
        whole(desk.get(address))
    acts = set(AuditEntry.objects.filter(pk__gt=known).values_list("act", flat=True))
    assert {act for act in acts if not act.startswith("export ")} == set()


SEALS = {
    "Content-Security-Policy": re.compile(
        r"default-src 'none'(; script-src 'self'; .*frame-ancestors 'none'|; sandbox)"
    ),
    "X-Content-Type-Options": re.compile("nosniff"),
    "Referrer-Policy": re.compile("same-origin|no-referrer"),
    "Cross-Origin-Opener-Policy": re.compile("same-origin"),
    "Cross-Origin-Resource-Policy": re.compile("same-origin"),
    "Permissions-Policy": re.compile("camera=()"),
    "X-Frame-Options": re.compile("DENY"),
}


def unsealed(answer):
    return [name for name, wanted in SEALS.items() if not wanted.match(answer.headers.get(name, ""))]


def test_every_answer_is_sealed_and_kept_by_no_cache(desk, room):
    """S23, S28: pages, fragments, files and refusals alike."""
    wrong = {}
    for address in set(routes.addresses(room)) - {"/sign-out/", "/front-desk/lock/"}:
        for ask in (desk.get, desk.post, desk.put):
            answer = ask(address)
            whole(answer)
            kept = answer.headers.get("Cache-Control", "")
            is_open = address.startswith(PUBLIC) or answer.status_code == 405
            if unsealed(answer) or not ("no-store" in kept or "private" in kept or is_open):
                wrong[f"{ask.__name__} {address}"] = (unsealed(answer), kept, answer.status_code)
    assert wrong == {}


#: The same for everybody: links of customers, the API's description, Chert's door.
PUBLIC = ("/r/", "/g/", "/api/docs/", "/webhooks/chert/")


def test_every_answer_says_what_it_is(desk, room):
    """ASVS 4.1.1: a type, with its letters where it is text."""
    wrong = {}
    for address in routes.addresses(room):
        answer = desk.get(address)
        kind, body = answer.headers.get("Content-Type", ""), whole(answer)
        if body and (not kind or (kind.startswith("text/") and "charset=utf-8" not in kind)):
            wrong[address] = kind
    assert wrong == {}


def test_whoever_is_not_signed_in_sees_nothing(room, client):
    """And not even whether it is there: what exists and what does not answer alike."""
    shown = {}
    for route in routes.every():
        if route.name in OPEN:
            continue
        for ask in (client.get, client.post):
            answer = ask(route.filled(room))
            whole(answer)
            if answer.status_code not in (302, 404, 405) or "/sign-in/" not in answer.headers.get(
                "Location", "/sign-in/"
            ):
                shown[f"{ask.__name__} {route.name}"] = answer.status_code
    assert shown == {}


def test_no_form_is_taken_without_its_token(ada, room):
    """S27: every address that takes a POST, but for the two doors that know no cookies."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)
    taken = {}
    for route in routes.every():
        answer = strict.post(route.filled(room), headers={"host": "testserver"})
        whole(answer)
        if answer.status_code not in (403, 405) and route.name != "chert_webhook":
            taken[route.name] = answer.status_code
    assert taken == {}


def test_trace_and_words_that_are_no_methods_are_refused(desk, room):
    """ASVS 13.4.4."""
    answered = {
        method: desk.generic(method, "/customers/").status_code for method in ("TRACE", "TRACK", "CONNECT", "X")
    }
    assert set(answered.values()) == {405}
