"""The cast: Ada's Bakery with its customers, a rival who must see nothing, and the pretend Chert both write through."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
import time_machine
from django.conf import settings
from django.db import connections
from django.utils import timezone

from campaigns import cards, connection, gestures, invitations, launch, outbox, receipts, status
from campaigns import events as chert_events
from campaigns.brakes import skew
from campaigns.models import (
    Business,
    Campaign,
    Card,
    Conversation,
    Customer,
    Delivery,
    Line,
    Membership,
    Message,
    Organization,
    User,
    photo_path,
)
from campaigns.outbox import leases
from campaigns.sandbox import Sandbox, SandboxTransport, Store, make_app
from campaigns.sandbox import ledger as book

SECRET = "00112233445566778899aabbccddeeff"
RIVAL_SECRET = "ffeeddccbbaa99887766554433221100"
LINE, RIVAL_LINE = "+15125550100", "+15125550150"
#: A Monday noon in Chicago, inside everybody's hours.
NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """On SQLite the tests' database is a file, as the product's is: one in memory locks differently between threads."""
    database = connections["default"].settings_dict
    if "sqlite3" in database["ENGINE"]:
        database["TEST"]["NAME"] = str(settings.DATA_DIR / "test.sqlite3")


class Clock:
    """The time of the test: stands still until told to go on."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def __call__(self) -> datetime:
        return timezone.now()

    def go(self, **how_far: float) -> None:
        """Let so much time pass: `clock.go(minutes=2)`."""
        self._traveller.shift(timedelta(**how_far))

    def to(self, moment: datetime) -> None:
        """Let it be then."""
        self._traveller.move_to(moment, tick=False)


@pytest.fixture
def clock(settings, monkeypatch) -> Iterator[Clock]:
    """Its time leaps over days that nobody spends away or signed out, and no test remembers the database of another.

    The database, whichever it is, has the same time.
    """
    monkeypatch.setattr(skew, "database_time", timezone.now)
    settings.ALLOWED_ABSENCE = timedelta(days=3650)
    long = timedelta(days=3650).total_seconds()
    settings.SESSION_IDLE = settings.SESSION_LONGEST = settings.SESSION_BREATH = settings.PROOF_LASTS = long
    settings.PULSE.unlink(missing_ok=True)
    with time_machine.travel(NOON, tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture
def sandbox(clock: Clock, monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[Sandbox]:
    """The pretend Chert, in this process and on the test's clock."""
    settings.CHERT_API_BASE = "http://127.0.0.1:9/api/v1"
    store = Store(":memory:")
    app = make_app(store, deliver=False, clock=lambda: timezone.now().timestamp(), sleep=lambda _: None)
    monkeypatch.setattr(connection, "transport", lambda: SandboxTransport(app))
    connection.forget()
    yield app
    connection.forget()


class Killed(BaseException):
    """The worker process dies here: nothing of ours may catch this."""


class Wire(httpx.BaseTransport):
    """Carries every request to the sandbox, remembers it, and lets a test do something on the way."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = SandboxTransport(sandbox)
        self.requests: list[httpx.Request] = []
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.after: Callable[[httpx.Request, httpx.Response], httpx.Response | None] = lambda request, response: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        early = self.before(request)
        if early is not None:
            return early
        response = self._inner.handle_request(request)
        return self.after(request, response) or response

    def sends(self) -> list[httpx.Request]:
        """Those that say something to a customer."""
        return [request for request in self.requests if is_send(request)]


def is_send(request: httpx.Request) -> bool:
    """Does this request say something to a customer?"""
    return request.method == "POST" and request.url.path.endswith(("/chats", "/messages"))


@pytest.fixture
def wire(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """The wire between us and the sandbox, where a test may stand."""
    made = Wire(sandbox)
    monkeypatch.setattr(connection, "transport", lambda: made)
    connection.forget()
    return made


def die() -> None:
    """Let this process count as a dead worker: the kernel lets go of its lock, and the next claim takes a new name."""
    _, handle = leases._HELD.pop(os.getpid(), ("", None))
    if handle is not None:
        handle.close()


@contextmanager
def killed_at(nth: int) -> Iterator[None]:
    """At the nth statement inside the process is no more: its connection is cut, and nothing says "roll back"."""
    statements = count(1)

    def wrapper(execute: Callable[..., object], *what: Any) -> object:
        if next(statements) == nth:
            what[-1]["cursor"].close()  # psycopg warns, whenever memory is tidied, of one that nobody closed
            connections["default"].close()
            raise Killed
        return execute(*what)

    with connections["default"].execute_wrapper(wrapper):
        yield


def introduce(sandbox: Sandbox, organization: Organization) -> None:
    """Tell the sandbox about an organization and its lines, by its own control route."""
    lines = [{"number": line.number, "budget": line.budget, "gap": line.gap} for line in organization.lines.all()]
    answer = at_the_sandbox(sandbox).put(
        f"/sandbox/tenants/{organization.slug}", json={"secret": organization.chert_secret, "lines": lines}
    )
    answer.raise_for_status()


def at_the_sandbox(sandbox: Sandbox) -> httpx.Client:
    """A plain client of the sandbox: what a person or a checker does there."""
    return httpx.Client(transport=SandboxTransport(sandbox), base_url="http://127.0.0.1:9")


def turn(sandbox: Sandbox, **knobs: object) -> None:
    """Turn the weather or another knob."""
    sandbox.store.turn(**knobs)


@dataclass
class Ada:
    """Ada's Bakery and everything of hers."""

    user: User
    organization: Organization
    business: Business
    line: Line
    card: Card


def make_business(name: str, slug: str, secret: str, number: str) -> Ada:
    user = User.objects.create_user(f"{slug}@example.com", "correct horse battery", first_name=name.split()[0])
    organization = Organization.objects.create(name=name, slug=slug, chert_secret=secret)
    Membership.objects.create(user=user, organization=organization, role=Membership.Role.OWNER)
    business = Business.objects.create(
        organization=organization,
        name=name,
        slug=slug,
        sender=name.split("'")[0].split()[0],
        timezone="America/Chicago",
        review_url="https://search.google.com/local/writereview?placeid=ChIJN1t_tDeuEmsRUsoyG83frY4",
    )
    line = Line.objects.create(organization=organization, number=number, budget=1000, gap=0)
    return Ada(user, organization, business, line, make_card(business))


def make_card(business: Business) -> Card:
    design = cards.starters()[0].card
    name = "test-photo.jpg"
    photo_path(name).parent.mkdir(parents=True, exist_ok=True)
    photo_path(name).write_bytes(design.photo)
    return Card.objects.create(business=business, name="Van", design=design.to_json(), photo=name)


def give_secret(organization: Organization, **secrets: str) -> None:
    """Enter a secret of an account, and nothing else: it is sealed for its row."""
    kept = Organization.objects.get(pk=organization.pk)
    for name, secret in secrets.items():
        setattr(kept, name, secret)
    kept.save(update_fields=list(secrets))


@pytest.fixture
def ada(db, sandbox: Sandbox) -> Ada:
    made = make_business("Ada's Bakery", "adas-bakery", SECRET, LINE)
    introduce(sandbox, made.organization)
    return made


@pytest.fixture
def rival(db, sandbox: Sandbox) -> Ada:
    made = make_business("Charlie's Cakes", "charlies-cakes", RIVAL_SECRET, RIVAL_LINE)
    introduce(sandbox, made.organization)
    return made


NAMES = ("Dee", "Edna", "Fay", "Gus", "Hal", "Ida", "Jo", "Kit")


def make_customer(business: Business, number: int = 1, **more: object) -> Customer:
    values = {
        "first_name": "Grace",
        "last_name": "Hopper",
        "phone": f"+1512555{1000 + number:04d}",
        "timezone": "America/Chicago",
        "consent_basis": "Asked at the counter",
        "consent_at": timezone.now(),
        "is_attested": True,
    } | more
    return Customer.objects.create(business=business, **values)


@pytest.fixture
def grace(ada: Ada) -> Customer:
    return make_customer(ada.business)


def make_campaign(owner: Ada, **more: object) -> Campaign:
    words = {"greeting": invitations.GREETING, "ask": invitations.ASK}
    return Campaign.objects.create(**{"business": owner.business, "name": "Autumn", "card": owner.card} | words | more)


@pytest.fixture
def campaign(ada: Ada, grace: Customer) -> Campaign:
    """Ada's campaign, launched, nothing sent yet."""
    made = make_campaign(ada)
    launch.launch(made, ada.user, timezone.now())
    return made


def wrote(ada: Ada, count: int = 20, ago: timedelta = timedelta(days=2)) -> list[Customer]:
    """So many first touches on the line, two days ago, to people who have not answered."""
    people = [make_customer(ada.business, 100 + n, timezone="America/Chicago") for n in range(count)]
    for number, person in enumerate(people):
        Message.objects.create(
            organization=ada.organization,
            business=ada.business,
            customer=person,
            kind="greeting",
            status="read",
            sent_at=NOON - ago + timedelta(minutes=number),
            line=ada.line,
        )
    return people


def work(clock: Clock, minutes: float = 0) -> None:
    """Let time pass, and do what the clock does: send what is due, look things up, understand events, sweep."""
    clock.go(minutes=minutes)
    outbox.run(hands=0)
    receipts.look(clock)
    chert_events.poll(clock)
    chert_events.handle(clock)
    gestures.run(clock)
    outbox.sweep(clock())


def listen(clock: Clock) -> None:
    """Read the log and understand what is new, and nothing else."""
    clock.go(seconds=2)
    chert_events.poll(clock)
    chert_events.handle(clock)


def reply(sandbox: Sandbox, customer: Customer, text: str) -> dict:
    """This customer writes back; Chert has it, we do not know yet."""
    tenant = customer.business.organization.slug
    said = {"text": text, "tenant": tenant}
    answer = at_the_sandbox(sandbox).post(f"/sandbox/phones/{customer.phone}/reply", json=said)
    return answer.raise_for_status().json()


def answer(sandbox: Sandbox, clock: Clock, customer: Customer, text: str) -> None:
    """This customer writes back, and we hear it."""
    reply(sandbox, customer, text)
    listen(clock)


def heard_from(sandbox: Sandbox, clock: Clock, campaign: Campaign, text: str = "Lovely, thank you!") -> Conversation:
    """The campaign's only customer has been asked and has answered: their conversation."""
    walk_to_the_end(clock)
    person = only_delivery(campaign).customer
    answer(sandbox, clock, person, text)
    return Conversation.objects.select_related("business__organization", "customer__business__organization").get()


def walk_to_the_end(clock: Clock) -> None:
    """Greeting, two minutes, picture; delivered; read; swept."""
    for minutes in (0, 3, 1, 1):
        work(clock, minutes)


def ledger(sandbox: Sandbox, kind: str = "") -> list[dict]:
    """What the pretend Chert really did."""
    effects = book.read(sandbox.store)["effects"]
    return [effect for effect in effects if not kind or effect["kind"] == kind]


def kinds(sandbox: Sandbox) -> list[list[str]]:
    """The kinds of parts of every message the pretend Chert took, in order."""
    return [[part["type"] for part in effect["parts"]] for effect in ledger(sandbox, "message")]


def only_delivery(campaign: Campaign) -> Delivery:
    return campaign.deliveries.get()


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Do all of these in threads that start together; what each returned, or the exception it raised."""
    barrier = threading.Barrier(len(acts))

    def one(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def open_count() -> int:
    return Message.objects.filter(status__in=status.OPEN).count()
