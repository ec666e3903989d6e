"""What is shown: no secret on a page once it is kept, and none in what is said when something went wrong (S48, S51)."""

import json

import pytest
from django.core import mail
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from campaigns import events
from campaigns.api import whose
from campaigns.models import WebhookEndpoint
from campaigns.urls import urlpatterns as ours
from reviews.urls import handler400, handler500
from tests import routes
from tests.api.conftest import code, make_program
from tests.api.test_scopes import OPERATIONS
from tests.cast import give_secret
from tests.furnished import furnish
from tests.isolation.answers import read
from tests.site.lived_in import CHERT, PASSPHRASE, House, lived_in
from tests.test_webhooks import WEBHOOK_SECRET, knock

__all__ = ["handler400", "handler500"]

#: What an error has in its mouth: one secret of each kind, and a customer.
WORDS = [CHERT, "ab" * 32, "JBSWY3DPEHPK3PXP", "2345-6789-abcd", f"gw_{'x' * 43}", "whsec_abcdef", PASSPHRASE]
WORDS += ["sessionkeyofada", "Quillfeather", "5125550187"]
SAID = " ".join(WORDS)
HTMX, JSON = {"hx-request": "true"}, {"accept": "application/json"}
#: A refusal (`PermissionDenied`) is told in its own words, for people; these are not.
ERRORS = [RuntimeError, ValueError, KeyError, OperationalError, Http404, SuspiciousOperation]


def breaks(request: HttpRequest, number: int) -> HttpResponse:
    seen_here = SAID
    raise ERRORS[number](seen_here) from RuntimeError(SAID)


urlpatterns = [path("breaks/<int:number>/", breaks), *ours]


def told_in(answer):
    """The words that can be read in what came, its headers among it."""
    said = f"{answer.headers} {answer.content.decode()}"
    return [word for word in WORDS if word in said]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("way", [{}, HTMX, JSON], ids=["page", "htmx", "json"])
@pytest.mark.parametrize("number", range(len(ERRORS)), ids=[each.__name__ for each in ERRORS])
def test_a_page_that_failed_says_nothing_of_why(db, way, number):
    answer = Client(raise_request_exception=False).get(f"/breaks/{number}/", headers=way)
    assert answer.status_code in (400, 403, 404, 500, 503)
    assert told_in(answer) == []


@pytest.mark.parametrize("error", [RuntimeError, OperationalError, KeyError])
def test_a_program_is_told_no_more(ada, clock, monkeypatch, error):
    monkeypatch.setattr(whose, "customers", raises(error))
    answer = make_program(ada.organization).get("/customers")
    assert (answer.status_code, code(answer)) in [(500, "our_fault"), (503, "busy")]
    assert told_in(answer) == []


def test_a_body_that_is_refused_is_not_said_back(ada, clock):
    wrong = {"phone": SAID, "first_name": [SAID], "consent": {"x": SAID}, "visited": SAID}
    answer = make_program(ada.organization).post("/customers", wrong)
    assert (answer.status_code, told_in(answer)) == (422, [])


@pytest.mark.parametrize("error", [RuntimeError, OperationalError])
def test_chert_is_told_no_more(ada, clock, monkeypatch, error):
    give_secret(ada.organization, webhook_secret=WEBHOOK_SECRET)
    monkeypatch.setattr(events, "store", raises(error))
    knocker = Knocker(raise_request_exception=False)
    assert knock(knocker, reverse("chert_webhook", args=[ada.organization.webhook_path])) in (500, 503)
    assert told_in(knocker.heard) == []


class Knocker(Client):
    """Remembers what it was answered."""

    def post(self, *what, **how):
        self.heard = super().post(*what, **how)
        return self.heard


def raises(error):
    def fail(*_, **__):
        raise error(SAID)

    return fail


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def house(transactional_db, ada, sandbox, clock, client, settings) -> House:
    settings.SITE_URL = "http://127.0.0.1:8000"
    return lived_in(ada, sandbox, clock, client)


@pytest.mark.django_db(transaction=True)
def test_no_page_and_no_answer_to_a_program_shows_a_secret_that_is_kept(house):
    """Every address of the map in a furnished house, and everything a program can look at."""
    room = furnish(house.owner.business, house.owner.user) | {"webhook": WebhookEndpoint.objects.earliest("pk").pk}
    program = make_program(house.owner.organization)
    looks = [(house.desk.get, address) for address in routes.addresses(room)]
    looks += [(program.get, address) for address in looked_at_by_programs(room)]
    answers = [(address, look(address)) for look, address in looks]
    told = {address: house.told_in(whole(answer)) for address, answer in answers}
    assert {address: names for address, names in told.items() if names} == {}
    assert sum(answer.status_code == 200 for _, answer in answers) > 120
    assert [each.subject for each in mail.outbox if house.told_in(f"{each.subject} {each.body}")] == []


def whole(answer):
    """Headers and body; that a browser is given its own session again is no leak."""
    headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
    return f"{json.dumps(headers)} {read(answer).decode('latin-1')}"


def looked_at_by_programs(room):
    ids = {"customer": room["customer"], "campaign": room["campaign"], "delivery": room["delivery"]}
    ids |= {"webhook": room["webhook"], "call": room["call"], "erasure": room["erasure"], "business": 0}
    return [written.format(**ids) for method, written, _ in OPERATIONS.values() if method == "get"]
