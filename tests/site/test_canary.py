"""Nothing that is logged while a campaign is walked, in every weather, gives a person or a secret away (S48, S49)."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from django.urls import reverse

from campaigns import events as chert_events
from campaigns import launch, topic
from campaigns.models import Attempt, Customer, Delivery, Message
from campaigns.outbox import pictures
from reviews import logs
from tests.cast import SECRET, Killed, die, give_secret, make_campaign, make_customer, only_delivery, reply, turn, work
from tests.test_webhooks import knock

WEBHOOK_SECRET = "5ec2e7" * 10
IDS = {"campaign_id", "delivery_id", "message_id", "organization_id"}
NAME, FAMILY = "Xanthippe", "Quetzalcoatl"
CALM = {"p429": 0, "p500": 0, "reset_before": 0, "reset_after": 0, "non_json": 0, "broken_json": 0, "away": False}
WEATHER = [
    {"p429": 0.5, "retry_after": 1},
    {"p500": 0.5},
    {"p500": 0.3, "p500_code": 1003},
    {"reset_before": 0.5},
    {"reset_after": 0.5},
    {"non_json": 0.5},
    {"broken_json": 0.5, "broken_as": "cut"},
    {"away": True},
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """All that this process logs, down to the last word, as it would stand in the log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.OneLine())
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in ("campaigns", "reviews", "django.request")]
    levels = [(each, each.level) for each in (root, *ours)]
    for each, _ in levels:
        each.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    for each, level in levels:
        each.setLevel(level)


def entries(written):
    return [json.loads(line) for line in written.getvalue().splitlines()]


@pytest.fixture
def walked(ada, sandbox, clock, client, written, monkeypatch):
    """A whole campaign with every fault we know of, and people who knock, write and ask."""
    give_secret(ada.organization, webhook_secret=WEBHOOK_SECRET)
    for number in range(12):
        make_customer(ada.business, number, first_name=NAME, last_name=FAMILY)
    made = make_campaign(ada, remind_after=1, reminder="Hi {first_name}, one gentle reminder.")
    launch.launch(made, ada.user, clock())
    clock.go(seconds=30)
    for broken in (Killed, ValueError):
        break_once(monkeypatch, broken, clock)
    for weather in WEATHER:
        turn(sandbox, **(CALM | weather))
        work(clock, minutes=2)
    turn(sandbox, **CALM)
    for _ in range(5):
        work(clock, minutes=3)
    person = Customer.objects.exclude(chat_id="").first()
    talk(ada, sandbox, clock, client, person, monkeypatch)
    return made


def break_once(monkeypatch, error, clock):
    """Something of ours fails, once, with the customer's number in its mouth."""
    render, told = pictures.cards.render, []

    def fail(design, words):
        if told:
            return render(design, words)
        told.append(Message.objects.filter(lease_until__isnull=False).first().customer.phone)
        raise error(f"could not draw for {told[0]}")

    with monkeypatch.context() as patch:
        patch.setattr(pictures.cards, "render", fail)
        try:
            work(clock)
        except Killed:
            die()


def talk(ada, sandbox, clock, client, person, monkeypatch):
    """They answer, events cannot be understood, somebody forges, somebody opens links that are none."""
    reply(sandbox, person, "What a day")
    with monkeypatch.context() as patch:
        patch.setattr(chert_events.replies, "record", lambda *_: 1 / 0)
        work(clock, minutes=1)
    door = reverse("chert_webhook", args=[ada.organization.webhook_path])
    knock(client, door, b"\xff" + person.phone.encode())
    knock(client, door, secret="cd" * 32)
    client.get(f"/r/{Delivery.objects.get(customer=person).token}/x")
    client.get("/readyz")
    reply(sandbox, person, "STOP")
    for _ in range(3):
        work(clock, minutes=1)


def test_nothing_of_a_person_and_no_secret_is_logged(walked, ada, written):
    canaries = [NAME, FAMILY, SECRET, WEBHOOK_SECRET, ada.organization.webhook_path, ada.user.email, "What a day"]
    for person in Customer.objects.all():
        canaries += [person.phone, person.phone[1:], person.phone[2:]]
    canaries += Delivery.objects.values_list("token", flat=True)
    canaries += Message.objects.values_list("key", flat=True)
    text = written.getvalue()
    assert len(entries(written)) > 30
    assert "could not draw for +1•••••10" in text
    assert [canary for canary in canaries if canary in text] == []


def test_what_failed_is_found_by_campaign_delivery_message_and_cherts_own_id(walked, ada, written):
    for failed in Attempt.objects.filter(http_status__gte=400).exclude(trace_id=""):
        message = failed.message
        [told] = [
            entry
            for entry in entries(written)
            if entry.get("trace_id") == failed.trace_id and entry["logger"] == "campaigns.outbox.outcomes"
        ]
        assert told["message"].startswith(f"{failed.step}: {failed.outcome}, HTTP {failed.http_status}")
        assert {name: told[name] for name in IDS} == message.ids


def test_every_entry_about_a_message_names_it(walked, written):
    ours = ("campaigns.outbox.outcomes", "campaigns.outbox.run", "campaigns.outbox.walk", "campaigns.receipts")
    about = [entry for entry in entries(written) if entry["logger"] in ours]
    assert len({entry["logger"] for entry in about}) >= 2
    for entry in about:
        known = {name: number for name, number in Message.objects.get(pk=entry["message_id"]).ids.items() if number}
        assert known.items() <= entry.items()


def test_a_topic_ends_where_it_ends(written):
    log = logging.getLogger("campaigns.x")
    with topic.about(campaign_id=1, delivery_id=None):
        with topic.about(message_id=2):
            topic.traced("trace-1")
            log.info("inside")
        log.info("outside")
    topic.traced("nobody's")
    log.info("after")
    kept = [{name: e[name] for name in (*IDS, "trace_id") if name in e} for e in entries(written)]
    assert kept == [{"campaign_id": 1, "message_id": 2, "trace_id": "trace-1"}, {"campaign_id": 1}, {}]


def test_what_chert_gives_for_an_id_is_masked_like_everything(written):
    with topic.about(campaign_id=1):
        topic.traced("+15125550142 Bearer abc.def")
        logging.getLogger("campaigns.x").info("hello")
    assert entries(written)[0]["trace_id"] == "+1•••••0142 Bearer •••"


def test_a_line_about_a_message_still_says_what_happened(ada, written, campaign, sandbox, clock):
    """`message` is the entry's own words, in every log there is; the row's number has a name of its own."""
    turn(sandbox, p500=1)
    work(clock, minutes=1)
    [entry, *_] = [e for e in entries(written) if e["logger"] == "campaigns.outbox.outcomes"]
    assert isinstance(entry["message"], str)
    assert entry["message_id"] in only_delivery(campaign).messages.values_list("pk", flat=True)
