"""The whole client against the pretend Chert, which knows the contract and nothing of this client."""

import json
from dataclasses import replace
from unittest.mock import ANY

import httpx
import pytest

from campaigns.chert import (
    AccountTrouble,
    Bearer,
    ChatId,
    ChertError,
    Client,
    ForeignUpload,
    Media,
    MessageId,
    NotSent,
    Refused,
    RichLink,
    Signed,
    Text,
    Unknown,
    open_chat,
    send_message,
)
from campaigns.chert.webhooks import parse, verify
from campaigns.sandbox import SandboxTransport, Store, make_app

from .conftest import NOW, SECRET, Clock

LINE, ADA, BEN = "+15005550001", "+15005550006", "+15005550007"
HOST = "http://127.0.0.1:8500"
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 50 + b"\xff\xd9"


class Town:
    """A pretend Chert with one account and one line, its clock, its weather, and what it posted to us."""

    def __init__(self) -> None:
        self.clock = Clock(NOW)
        self.posted = []
        self.app = make_app(Store(":memory:"), deliver=False, clock=self.clock, sleep=self.pass_time, post=self.hear)
        self.control = httpx.Client(transport=httpx.WSGITransport(app=self.app), base_url=HOST)
        self.order("PUT", "/sandbox/tenants/ada", secret=SECRET, lines=[{"number": LINE, "budget": 30, "gap": 0}])

    def order(self, method, path, **body):
        answer = self.control.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def calls(self):
        """How many the pretend Chert has taken and not turned away."""
        counts = self.order("GET", "/sandbox/ledger")
        return counts["calls"] - counts["turned_away"]

    def weather(self, **knobs):
        self.order("PUT", "/sandbox/weather", **knobs)

    def pass_time(self, seconds):
        self.clock.now += seconds

    def hear(self, url, headers, body):
        self.posted.append((dict(headers), body))
        return 200

    def client(self, credentials=None):
        return Client(
            f"{HOST}/api/v1", credentials or Bearer(SECRET), transport=SandboxTransport(self.app), clock=self.clock
        )

    def duplicates(self):
        return self.control.get("/sandbox/ledger", params={"tenant": "ada"}).json()["duplicates"]


@pytest.fixture
def town():
    return Town()


def greet(client, to=ADA, key="key-1"):
    return client.send(open_chat(LINE, [to], [Text("Hi Ada, it was good to meet you!")], key))


def upload(client):
    slot = client.reserve_upload("ada.jpg", "image/jpeg", len(JPEG))
    client.upload(slot, JPEG)
    return slot.attachment_id


@pytest.mark.parametrize("credentials", [Bearer(SECRET), Bearer(SECRET, "ada"), Signed(SECRET, "ada")])
def test_the_whole_way_to_a_customers_phone(town, credentials):
    client = town.client(credentials)
    assert [line.phone_number for line in client.phone_numbers()] == [LINE]
    greeting = greet(client)
    parts = [Media(upload(client)), Text("Thanks, Ada!"), RichLink("https://example.com/r/1", "Leave a review")]
    ask = client.send(send_message(greeting.chat_id, parts, "key-2"))
    assert ask.chat_id == greeting.chat_id
    assert [message.id for message in client.messages(greeting.chat_id)] == [greeting.message_id, ask.message_id]
    assert ask.trace_id


def test_a_message_is_delivered_and_read_in_time(town):
    client = town.client()
    sent = greet(client)
    assert client.message(sent.message_id).state == "in_flight"
    town.pass_time(2)
    assert client.message(sent.message_id).state == "delivered"
    town.pass_time(60)
    message = client.message(sent.message_id)
    assert (message.state, message.direction, message.text) == ("read", "outbound", "Hi Ada, it was good to meet you!")


def test_a_bare_message_is_read_as_well(town):
    town.weather(wrap_message=False)
    client = town.client()
    sent = greet(client)
    assert client.message(sent.message_id).id == sent.message_id


def test_a_group_is_greeted_and_gets_the_rest_later(town):
    client = town.client()
    sent = client.send(open_chat(LINE, [ADA, BEN], [Text("Hi you two!")], "key-1"))
    client.send(send_message(sent.chat_id, [Media(upload(client)), RichLink("https://example.com/")], "key-2"))
    assert len(client.messages(sent.chat_id)) == 2


def test_a_reply_arrives_by_webhook_and_in_the_log_as_the_same_event(town):
    client = town.client()
    hook = client.subscribe("https://goodword.test/hook", ["message.received"])
    sent = greet(client)
    town.order("POST", f"/sandbox/phones/{ADA}/reply", text="Gladly!")
    town.app.pump()
    headers, body = town.posted[0]
    verify(headers, body, [hook.secret], town.clock())
    event = parse(body)
    assert (event.text, event.sender, event.line, event.is_inbound) == ("Gladly!", ADA, LINE, True)
    assert event.chat_id == sent.chat_id
    logged = client.events(type="message.received").events[0]
    assert (logged.event_id, logged.text, logged.recorded_at is None) == (event.event_id, "Gladly!", False)


def test_the_log_is_read_page_by_page(town):
    client = town.client()
    greet(client)
    for number in range(5):
        town.pass_time(1)
        town.order("POST", f"/sandbox/phones/{ADA}/reply", text=f"Reply {number}")
    first = client.events(limit=3)
    second = client.events(limit=3, cursor=first.next_cursor)
    seen = {event.text for page in (first, second) for event in page.events}
    assert {f"Reply {number}" for number in range(5)} <= seen
    assert client.events(since=first.events[0].recorded_at).events == ()


def test_gestures(town):
    client = town.client()
    sent = greet(client)
    town.order("POST", f"/sandbox/phones/{ADA}/reply", text="Gladly!")
    reply = next(message for message in client.messages(sent.chat_id) if message.direction == "inbound")
    before = town.calls()
    client.react(reply.id, "love")
    client.typing(sent.chat_id)
    client.typing(sent.chat_id, typing=False)
    client.mark_read(sent.chat_id)
    assert town.calls() - before == 4
    assert town.app.store.one("SELECT reaction FROM messages WHERE id = ?", reply.id) == {"reaction": "love"}


def test_subscriptions_come_and_go(town):
    client = town.client()
    made = client.subscribe("https://goodword.test/hook")
    assert [(hook.id, hook.secret) for hook in client.subscriptions()] == [(made.id, None)]
    client.unsubscribe(made.id)
    assert client.subscriptions() == []


def test_a_repeat_after_a_lost_answer_says_nothing_twice(town):
    client, request = town.client(), open_chat(LINE, [ADA], [Text("Hi Ada!")], "key-1")
    town.weather(reset_after=1.0)
    with pytest.raises(Unknown):
        client.send(request)
    town.weather(reset_after=0.0)
    sent = client.send(request, attempt=2)
    assert client.send(request, attempt=3) == replace(sent, trace_id=ANY)
    assert len(client.messages(sent.chat_id)) == 1
    assert town.duplicates() == 0


def test_another_body_under_an_old_key_is_refused_at_first_and_doubted_later(town):
    """F-38."""
    client = town.client()
    greet(client)
    other = open_chat(LINE, [ADA], [Text("Other words")], "key-1")
    with pytest.raises(Refused):
        client.send(other)
    with pytest.raises(Unknown):
        client.send(other, attempt=2)


@pytest.mark.parametrize(
    ("weather", "consequence"),
    [
        ({"reset_before": 1.0}, Unknown),
        ({"reset_after": 1.0}, Unknown),
        ({"non_json": 1.0}, Unknown),
        ({"redirect": 1.0}, Unknown),
        ({"away": True}, Unknown),
        ({"away": True, "away_as_503": True}, Unknown),
        ({"p500": 1.0}, Unknown),
        ({"p500": 1.0, "p500_code": 3002}, Unknown),
        ({"p500": 1.0, "p500_code": 4001}, Unknown),
        ({"p500": 1.0, "p500_code": 3003}, AccountTrouble),
        ({"p429": 1.0}, NotSent),
        ({"key_refused": True}, AccountTrouble),
        ({"account_code": 2008}, AccountTrouble),
        ({"broken_json": 1.0, "broken_as": "cut"}, Unknown),
        ({"broken_json": 1.0, "broken_as": "empty"}, Unknown),
        ({"broken_json": 1.0, "broken_as": "page"}, Unknown),
        ({"broken_json": 1.0, "broken_as": "shape"}, Unknown),
        ({"broken_json": 1.0, "broken_as": "endless"}, Unknown),
        ({"broken_json": 1.0, "broken_as": "bomb"}, Unknown),
    ],
)
def test_bad_weather_means_what_it_should(town, weather, consequence):
    town.weather(**weather)
    with pytest.raises(ChertError) as caught:
        greet(town.client())
    assert type(caught.value) is consequence


@pytest.mark.parametrize(
    ("form", "seconds"),
    [("seconds", 7), ("hour", 3600), ("date", 7), ("garbage", None), ("negative", None), ("absent", None)],
)
def test_when_to_come_back_in_all_forms(town, form, seconds):
    town.weather(p429=1.0, retry_after=7, retry_after_as=form)
    with pytest.raises(NotSent) as caught:
        greet(town.client())
    assert caught.value.retry_after == seconds


def test_a_busy_line_names_the_time(town):
    town.order("PUT", "/sandbox/tenants/ada", secret=SECRET, lines=[{"number": LINE, "budget": 30, "gap": 600}])
    client = town.client()
    greet(client)
    with pytest.raises(NotSent) as caught:
        greet(client, to=BEN, key="key-2")
    assert (caught.value.code, caught.value.retry_after) == (4002, 600)


@pytest.mark.parametrize(
    ("credentials", "reason"),
    [
        (Bearer("f" * 32), "key"),
        (Signed("f" * 32, "ada"), "key"),
        (Signed(SECRET, "nobody"), "key"),
    ],
)
def test_a_wrong_key_is_trouble_with_the_account(town, credentials, reason):
    with pytest.raises(AccountTrouble) as caught:
        town.client(credentials).phone_numbers()
    assert caught.value.reason == reason


def test_a_wrong_clock_is_trouble_with_the_account(town):
    """F-33."""
    late = Client(
        f"{HOST}/api/v1",
        Signed(SECRET, "ada"),
        transport=SandboxTransport(town.app),
        clock=lambda: town.clock() - 600,
    )
    with pytest.raises(AccountTrouble) as caught:
        late.phone_numbers()
    assert caught.value.reason == "clock"


def test_a_foreign_upload_address_gets_nothing(town):
    """F-35."""
    town.weather(foreign_upload=True)
    client = town.client()
    slot = client.reserve_upload("ada.jpg", "image/jpeg", len(JPEG))
    with pytest.raises(ForeignUpload):
        client.upload(slot, JPEG)


def test_a_picture_that_never_arrived_is_refused(town):
    client = town.client()
    sent = greet(client)
    slot = client.reserve_upload("ada.jpg", "image/jpeg", len(JPEG))
    with pytest.raises(Refused) as caught:
        client.send(send_message(sent.chat_id, [Media(slot.attachment_id)], "key-2"))
    assert caught.value.code == 5004


def test_ids_of_nothing(town):
    client = town.client()
    for call in (lambda: client.message(MessageId("nobody")), lambda: client.messages(ChatId("nobody"))):
        with pytest.raises(Refused) as caught:
            call()
        assert caught.value.http_status == 404


def test_the_sandbox_heard_the_very_bytes(town):
    request = open_chat(LINE, [ADA], [Text("谢谢 👋")], "key-1")
    sent = town.client().send(request)
    assert town.client().messages(sent.chat_id)[0].text == "谢谢 👋"
    assert json.loads(request.body)["message"]["idempotency_key"] == "key-1"
