"""Ada's Bakery and a rival at the pretend Chert, with a clock we turn and no socket anywhere."""

import json
from dataclasses import dataclass, field

import httpx
import pytest

from campaigns.sandbox import Sandbox, SandboxTransport, Store, make_app
from campaigns.sandbox.auth import sign

SECRET = "00112233445566778899aabbccddeeff"
RIVAL = "ffeeddccbbaa99887766554433221100"
LINE, SECOND_LINE, RIVAL_LINE = "+15005550006", "+15005550007", "+15005550008"
GRACE, LINUS = "+15005550101", "+15005550102"
START = 1_780_000_000.0  # 2026-05-28 20:26:40 UTC


@dataclass
class Clock:
    now: float = START
    slept: list[float] = field(default_factory=list)

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Receiver:
    """Where webhooks arrive; answers each with the next of ``answers``, then with 200."""

    answers: list = field(default_factory=list)
    got: list = field(default_factory=list)

    def __call__(self, url, headers, body):
        self.got.append((url, dict(headers), body))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def bodies(self):
        return [json.loads(body) for _, _, body in self.got]


class Caller:
    """A tenant's own program, calling the API with a bearer token."""

    def __init__(self, http, secret):
        self.http = http
        self.auth = {"authorization": f"Bearer {secret}"}

    def get(self, path, **more):
        return self.http.get(f"/api/v1{path}", headers=self.auth, **more)

    def post(self, path, body=None):
        return self.http.post(f"/api/v1{path}", headers=self.auth, json=body)

    def call(self, method, path, body=None):
        return self.http.request(method, f"/api/v1{path}", headers=self.auth, json=body)

    def open(self, to=GRACE, *, parts=None, key=None, line=LINE):
        people = [to] if isinstance(to, str) else to
        return self.post("/chats", {"from": line, "to": people, "message": message(parts or [text("Hi Grace")], key)})

    def chat(self, to=GRACE):
        return self.open(to).json()["chat"]["id"]

    def say(self, chat_id, *parts, key=None):
        return self.post(f"/chats/{chat_id}/messages", {"message": message(list(parts), key)})

    def upload(self, content=b"a picture", kind="image/jpeg"):
        slot = self.reserve(len(content), kind)
        self.http.put(slot["upload_url"], headers=slot["required_headers"], content=content).raise_for_status()
        return slot["attachment_id"]

    def reserve(self, size=9, kind="image/jpeg"):
        body = {"filename": "card.jpg", "content_type": kind, "size_bytes": size}
        return self.post("/attachments", body).raise_for_status().json()


def text(value):
    return {"type": "text", "value": value}


def media(attachment_id):
    return {"type": "media", "attachment_id": attachment_id}


def link(url="https://site.test/r/abc", title="Write a review"):
    return {"type": "rich_link", "url": url, "title": title}


def message(parts, key=None):
    return {"parts": parts} | ({"idempotency_key": key} if key else {})


def signed(secret, tenant, body, at):
    return {"x-chert-tenant": tenant, "x-chert-signature": f"v1,{int(at)},{sign(secret, int(at), body)}"}


def code(response):
    """The HTTP status and the code of a failure."""
    return response.status_code, response.json()["error"]["code"]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def visits():
    return []


@pytest.fixture
def sandbox(clock, receiver, visits):
    def visit(url):
        visits.append(url)
        return 302, "https://search.google.com/local/writereview?placeid=abc"

    store = Store()
    yield make_app(store, deliver=False, clock=clock, sleep=clock.sleep, post=receiver, visit=visit)
    store.close()


@pytest.fixture
def http(sandbox: Sandbox):
    with httpx.Client(transport=SandboxTransport(sandbox), base_url="http://127.0.0.1:8002", verify=False) as client:
        yield client


@pytest.fixture
def ada(http):
    set_up(http, "ada", SECRET, [{"number": LINE, "budget": None, "gap": 0}], name="Ada’s Bakery")
    return Caller(http, SECRET)


@pytest.fixture
def rival(http):
    set_up(http, "rival", RIVAL, [{"number": RIVAL_LINE, "budget": None, "gap": 0}], name="Rival")
    return Caller(http, RIVAL)


@pytest.fixture
def turn(http):
    """Turn knobs by name."""
    return lambda **knobs: http.put("/sandbox/weather", json=knobs).raise_for_status()


@pytest.fixture
def ledger(http):
    return lambda tenant="": http.get("/sandbox/ledger", params={"tenant": tenant}).json()


def set_up(http, slug, secret, lines, **more):
    body = {"secret": secret, "lines": lines} | more
    return http.put(f"/sandbox/tenants/{slug}", json=body).raise_for_status().json()
