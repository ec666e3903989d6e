"""Webhooks: what happens is told, signed, once per try, again where it was not taken, and never to the inside."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection

from campaigns import launch, links, outgoing, person
from campaigns import tasks as chores
from campaigns.models import AuditEntry, OutgoingEvent, WebhookCall, WebhookEndpoint
from campaigns.outgoing import addresses, calling
from campaigns.outgoing import rounds as teller
from tests.api.conftest import code
from tests.cast import (
    answer,
    at_once,
    heard_from,
    make_campaign,
    make_customer,
    only_delivery,
    walk_to_the_end,
    work,
)

ALL = list(WebhookEndpoint.Event.values)
LIVE = "https://console.trychert.com/api/v1"


class Listener:
    """A program outside, on this machine: remembers what it was told, and answers as the test says."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.answers: Callable[[int], tuple[int, dict[str, str]]] = lambda number: (204, {})
        self._lock = threading.Lock()
        self.server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def _handler(listener) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                with listener._lock:
                    listener.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
                    status, headers = listener.answers(len(listener.told))
                self.send_response(status)
                for name, value in {"content-length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.told]


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()
    calling._client().close()
    calling._client.cache_clear()


@pytest.fixture
def endpoint(ada, listener, clock) -> WebhookEndpoint:
    return outgoing.add(ada.organization, listener.url, ALL, ada.user)


def tell(clock) -> int:
    return outgoing.run(clock, hands=0)


def is_genuine(secret: str, headers: dict[str, str], body: bytes, now: float) -> bool:
    """Standard Webhooks as its text says, written without a look at ours."""
    if abs(now - int(headers["webhook-timestamp"])) > 300:
        return False
    kind, _, key = secret.partition("_")
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.digest(base64.b64decode(key), signed, hashlib.sha256)).decode()
    given = [each.split(",", 1) for each in headers["webhook-signature"].split(" ")]
    return kind == "whsec" and any(v == "v1" and hmac.compare_digest(s, expected) for v, s in given)


# --- what is told ---------------------------------------------------------------------------------------------------


def test_the_whole_way_is_told_in_its_order(ada, endpoint, listener, campaign, sandbox, clock):
    heard_from(sandbox, clock, campaign)
    links.open_link(only_delivery(campaign).token, agent="Safari", robot=False, now=clock())
    answer(sandbox, clock, campaign.deliveries.get().customer, "STOP")
    tell(clock)
    sent_first = [each for each in listener.types if each == "message.sent"]
    assert (listener.types[0], len(sent_first)) == ("message.sent", 2)
    assert set(listener.types) == set(ALL)
    assert listener.types.count("message.delivered") == listener.types.count("message.read") == 2
    assert listener.types.count("customer.replied") == 2
    assert listener.types.count("customer.stopped") == 1
    assert WebhookCall.objects.filter(told_at=None).count() == 0


def test_it_tells_ids_states_and_times_and_neither_words_nor_number(ada, endpoint, listener, campaign, sandbox, clock):
    heard_from(sandbox, clock, campaign, "Lovely plumcake")
    tell(clock)
    told = b" ".join(body for _, body in listener.told)
    assert b"plumcake" not in told
    assert campaign.deliveries.get().customer.phone.encode() not in told
    read = next(json.loads(body) for _, body in listener.told if b'"message.read"' in body)
    assert read["timestamp"].endswith("Z")
    assert {"business", "customer", "campaign", "delivery", "message", "kind", "status"} < read["data"].keys()
    assert (read["data"]["status"], read["data"]["campaign"]) == ("read", campaign.pk)


def test_the_number_goes_along_where_it_was_asked_for(ada, listener, campaign, sandbox, clock):
    outgoing.add(ada.organization, listener.url, ["message.sent"], ada.user, with_phone=True)
    work(clock)
    tell(clock)
    assert json.loads(listener.told[0][1])["data"]["phone"] == campaign.deliveries.get().customer.phone


def test_for_a_day_after_a_new_secret_either_finds_the_signature_genuine(
    ada, endpoint, listener, campaign, sandbox, clock
):
    renewed = outgoing.renew(endpoint, ada.user, clock())
    work(clock)
    tell(clock)
    headers, body = listener.told[0]
    assert renewed.secret != endpoint.secret
    assert all(is_genuine(secret, headers, body, clock().timestamp()) for secret in (endpoint.secret, renewed.secret))
    assert len(headers["webhook-signature"].split()) == 2


def test_after_the_day_the_old_one_has_ended_by_itself_and_is_thrown_away(ada, endpoint, clock):
    renewed = outgoing.renew(endpoint, ada.user, clock())
    assert renewed.signs_with(clock() + timedelta(hours=23, minutes=59)) == [renewed.secret, endpoint.secret]
    assert renewed.signs_with(clock() + timedelta(hours=24)) == [renewed.secret]
    outgoing.forget(clock() + timedelta(hours=23))
    assert WebhookEndpoint.objects.get().old_secrets
    outgoing.forget(clock() + timedelta(hours=24))
    assert (WebhookEndpoint.objects.get().old_secrets, WebhookEndpoint.objects.get().old_until) == ("", None)


def test_ended_by_hand_only_the_new_one_signs(ada, endpoint, listener, campaign, sandbox, clock):
    renewed = outgoing.renew(endpoint, ada.user, clock())
    outgoing.end_old(endpoint, ada.user)
    outgoing.end_old(endpoint, ada.user)
    work(clock)
    tell(clock)
    now = clock().timestamp()
    assert [is_genuine(each, *listener.told[0], now) for each in (endpoint.secret, renewed.secret)] == [False, True]
    assert AuditEntry.objects.filter(act="end old webhook secret", by=ada.user).count() == 1


def test_of_many_new_ones_the_last_three_before_it_sign_too(ada, endpoint, clock):
    secrets = [outgoing.renew(endpoint, ada.user, clock()).secret for _ in range(5)]
    assert WebhookEndpoint.objects.get().signs_with(clock()) == secrets[:0:-1]


@pytest.mark.django_db(transaction=True)
def test_two_new_ones_at_once_both_sign(transactional_db, ada, endpoint, clock):
    made = at_once([lambda: outgoing.renew(endpoint, ada.user, clock()).secret for _ in range(2)])
    assert set(WebhookEndpoint.objects.get().signs_with(clock())) == {*made, endpoint.secret}


def test_a_secret_for_one_that_was_just_removed_is_none(ada, endpoint, clock):
    outgoing.remove(WebhookEndpoint.objects.get(), ada.user)
    assert outgoing.renew(endpoint, ada.user, clock()) is None


def test_neither_secret_can_be_read_in_the_database(ada, endpoint, clock):
    renewed = outgoing.renew(endpoint, ada.user, clock())
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, old_secrets FROM campaigns_webhookendpoint")
        kept = "".join(cursor.fetchone())
    assert not any(secret.removeprefix("whsec_") in kept for secret in (renewed.secret, endpoint.secret))


def test_an_independent_hand_finds_every_signature_genuine(endpoint, listener, campaign, sandbox, clock):
    walk_to_the_end(clock)
    tell(clock)
    assert len(listener.told) >= 4
    for headers, body in listener.told:
        assert is_genuine(endpoint.secret, headers, body, clock().timestamp())
        assert not is_genuine(endpoint.secret, headers, body + b" ", clock().timestamp())
        assert not is_genuine(f"whsec_{base64.b64encode(b'x' * 32).decode()}", headers, body, clock().timestamp())


def test_it_hears_only_what_it_wanted_and_only_of_its_location(ada, listener, campaign, sandbox, clock):
    outgoing.add(ada.organization, listener.url, ["message.read"], ada.user)
    elsewhere = make_business_beside(ada)
    outgoing.add(ada.organization, listener.url, ALL, ada.user, business=elsewhere)
    walk_to_the_end(clock)
    tell(clock)
    assert set(listener.types) == {"message.read"}


def make_business_beside(ada):
    return ada.organization.businesses.create(name="Café", slug="cafe", sender="Ada")


def test_another_organization_hears_nothing(rival, listener, campaign, sandbox, clock):
    outgoing.add(rival.organization, listener.url, ALL, rival.user)
    walk_to_the_end(clock)
    assert (tell(clock), OutgoingEvent.objects.count()) == (0, 0)


def test_a_test_to_oneself_is_told_to_nobody(endpoint, campaign, grace, sandbox, clock):
    grace.is_test = True
    grace.save()
    walk_to_the_end(clock)
    assert not OutgoingEvent.objects.exists()


def test_where_nobody_listens_it_costs_one_look_and_nothing_is_written(
    campaign, grace, clock, django_assert_num_queries
):
    message = grace.messages.first()
    message.organization_id, message.business_id  # noqa: B018 - both are columns of the row in hand
    with django_assert_num_queries(1):
        outgoing.of_message(outgoing.Event.SENT, message, clock())
    assert not OutgoingEvent.objects.exists()


def test_a_change_that_is_rolled_back_is_told_to_nobody(transactional_db, endpoint, campaign, clock, monkeypatch):
    """The event is written in the commit of what it tells of."""
    token = only_delivery(campaign).token

    def fails(*_):
        raise ValueError

    monkeypatch.setattr("campaigns.outgoing.telling.WebhookCall.objects.bulk_create", fails)
    with pytest.raises(ValueError):  # noqa: PT011 - ours, from above
        links.open_link(token, agent="Safari", robot=False, now=clock())
    assert only_delivery(campaign).clicked_at is None
    assert not OutgoingEvent.objects.exists()


# --- tried again ----------------------------------------------------------------------------------------------------


@pytest.fixture
def event(endpoint, campaign, clock) -> WebhookCall:
    """One event that is due."""
    links.open_link(only_delivery(campaign).token, agent="Safari", robot=False, now=clock())
    return WebhookCall.objects.select_related("event", "endpoint__organization").get()


@pytest.mark.parametrize("status", [400, 404, 500, 503, 301, 308, 199])
def test_what_is_not_taken_comes_again_and_redirects_are_not_followed(event, listener, clock, status):
    other = Listener()
    listener.answers = lambda number: (status if number == 1 else 204, {"location": other.url})
    tell(clock)
    event.refresh_from_db()
    assert (event.tries, event.answered, event.told_at) == (1, status if status != 199 else event.answered, None)
    clock.go(seconds=6)
    tell(clock)
    event.refresh_from_db()
    assert (event.tries, event.answered, bool(event.told_at)) == (2, 204, True)
    assert (len({headers["webhook-id"] for headers, _ in listener.told}), other.told) == (1, [])
    other.close()


def test_each_try_has_its_own_time_and_signature_and_the_same_id(event, endpoint, listener, clock):
    listener.answers = lambda number: (500, {})
    tell(clock)
    clock.go(seconds=6)
    tell(clock)
    times = [headers["webhook-timestamp"] for headers, _ in listener.told]
    assert int(times[1]) - int(times[0]) == 6
    assert is_genuine(endpoint.secret, *listener.told[1], clock().timestamp())


def test_ten_tries_in_about_three_days_then_the_address_is_switched_off(ada, event, endpoint, listener, clock):
    listener.answers = lambda number: (500, {})
    begin = clock()
    for _ in range(12):
        tell(clock)
        event.refresh_from_db()
        if event.due_at:
            clock.to(event.due_at)
    endpoint.refresh_from_db()
    assert (len(listener.told), event.tries, bool(event.given_up_at)) == (10, 10, True)
    assert timedelta(days=3) < clock() - begin < timedelta(days=4)
    assert (endpoint.disabled_why, AuditEntry.objects.filter(act="webhook switched off").count()) == (
        "It has taken nothing for three days.",
        1,
    )
    assert list(outgoing.troubled(ada.organization)) == [endpoint]


def test_one_that_is_given_up_does_not_end_an_address_that_takes_others(event, endpoint, listener, clock):
    listener.answers = lambda number: (500, {})
    WebhookCall.objects.update(tries=len(teller.WAITS))
    tell(clock)
    endpoint.refresh_from_db()
    event.refresh_from_db()
    assert (bool(event.given_up_at), endpoint.disabled_at, bool(endpoint.failing_since)) == (True, None, True)


def test_gone_means_gone_at_once(event, endpoint, listener, clock):
    listener.answers = lambda number: (410, {})
    tell(clock)
    endpoint.refresh_from_db()
    assert "410" in endpoint.disabled_why
    clock.go(days=1)
    assert tell(clock) == 0


def test_it_waits_as_long_as_the_other_side_asks(event, listener, clock):
    listener.answers = lambda number: (429, {"retry-after": "120"})
    tell(clock)
    event.refresh_from_db()
    assert event.due_at == clock() + timedelta(seconds=120)


@pytest.mark.parametrize("wish", ["-5", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 400, "x", "99999999"])
def test_a_wish_nobody_can_read_is_no_wish(event, listener, clock, wish):
    listener.answers = lambda number: (503, {"retry-after": wish})
    tell(clock)
    event.refresh_from_db()
    assert event.due_at - clock() < timedelta(seconds=6)


def test_one_that_is_taken_again_is_well_again(event, endpoint, listener, clock):
    listener.answers = lambda number: (500 if number == 1 else 200, {})
    tell(clock)
    endpoint.refresh_from_db()
    assert endpoint.failing_since == clock()
    clock.go(seconds=6)
    tell(clock)
    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


def test_nobody_there_is_a_try_too(event, listener, clock):
    listener.close()
    tell(clock)
    event.refresh_from_db()
    assert (event.tries, event.answered, event.detail) == (1, None, "The connection failed (ConnectError).")


def test_an_answer_that_drips_ends_in_time(event, clock, monkeypatch):
    """F-21."""
    monkeypatch.setattr(calling, "LONGEST", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        WebhookEndpoint.objects.update(url=f"http://127.0.0.1:{slow.getsockname()[1]}/")
        tell(clock)
    event.refresh_from_db()
    assert "No answer within" in event.detail


def test_an_address_that_hangs_holds_up_no_other_event_of_this_run(ada, event, endpoint, listener, campaign, clock):
    """What it does not take ends its turn; the next event waits for the next run."""
    listener.answers = lambda number: (500, {})
    outgoing.of_delivery(outgoing.Event.CLICKED, only_delivery(campaign), clock())
    assert tell(clock) == 1
    assert tell(clock) == 1


def test_two_workers_at_once_tell_each_event_once(transactional_db, event, endpoint, listener, campaign, clock):
    for _ in range(20):
        outgoing.of_delivery(outgoing.Event.CLICKED, only_delivery(campaign), clock())
    at_once([lambda: tell(clock) for _ in range(4)])
    tell(clock)
    ids = [headers["webhook-id"] for headers, _ in listener.told]
    assert (len(ids), len(set(ids))) == (21, 21)


def test_who_died_in_a_call_leaves_it_for_the_next_after_the_lease(event, listener, clock):
    assert teller._take(event, clock())
    assert tell(clock) == 0
    clock.go(seconds=61)
    assert (tell(clock), len(listener.told)) == (1, 1)


def test_who_comes_back_late_writes_over_nobody(event, clock):
    stale = WebhookCall.objects.select_related("event", "endpoint__organization").get()
    teller._take(stale, clock())
    WebhookCall.objects.update(tries=2, told_at=clock(), due_at=None)
    teller._write_down(stale, calling.Answer(500, "It answered 500."), clock())
    event.refresh_from_db()
    assert (event.due_at, bool(event.told_at)) == (None, True)


def test_the_clock_tells_it(transactional_db, event, listener, clock):
    chores.webhooks()
    assert len(listener.told) == 1


# --- again, resumed, forgotten --------------------------------------------------------------------------------------


def test_it_is_told_once_more_by_hand_with_the_same_id(till, event, listener, clock):
    tell(clock)
    again = till.post(f"/webhooks/calls/{event.pk}/replay")
    assert (again.status_code, again.json()["told_at"]) == (202, None)
    tell(clock)
    assert len({headers["webhook-id"] for headers, _ in listener.told}) == 1
    assert len(listener.told) == 2
    assert till.get(f"/webhooks/{event.endpoint_id}/calls").json()["items"][0]["answered"] == 204


def test_one_that_was_switched_off_is_resumed_with_what_still_waits(till, event, endpoint, listener, clock):
    WebhookEndpoint.objects.update(disabled_at=clock(), disabled_why="x", failing_since=clock())
    assert tell(clock) == 0
    said = till.post(f"/webhooks/{endpoint.pk}/resume").json()
    assert (said["disabled_at"], said["failing_since"]) == (None, None)
    assert tell(clock) == 1


def test_a_removed_address_hears_nothing_more(till, event, endpoint, clock):
    assert till.ask("delete", f"/webhooks/{endpoint.pk}").status_code == 204
    assert (tell(clock), WebhookCall.objects.count()) == (0, 0)


def test_twenty_addresses_are_the_most(ada, till, clock):
    hook = {"url": "http://127.0.0.1:9/hook", "events": ["message.sent"]}
    answers = [till.post("/webhooks", hook).status_code for _ in range(21)]
    assert answers == [201] * 20 + [422]


def test_what_was_told_is_thrown_away_after_thirty_days(event, clock):
    outgoing.forget(clock() + timedelta(days=29))
    assert OutgoingEvent.objects.count() == 1
    outgoing.forget(clock() + timedelta(days=31))
    assert (OutgoingEvent.objects.count(), WebhookCall.objects.count()) == (0, 0)


def test_who_was_erased_is_told_of_no_more(transactional_db, ada, event, grace, listener, clock):
    held = person.everything(person.Whose.of(grace))["told_to_programs"]
    assert [each["told"] for each in held] == ["link.clicked"]
    assert person.carry_out(person.ask(grace, ada.user, clock()), clock())
    assert (tell(clock), listener.told) == (0, [])


# --- never to the inside --------------------------------------------------------------------------------------------

INSIDE = [
    "http://example.com/hook",
    "https://localhost/hook",
    "https://127.0.0.1/hook",
    "https://127.1/hook",
    "https://2130706433/hook",
    "https://0x7f.0.0.1/hook",
    "https://0177.0.0.1/hook",
    "https://[::1]/hook",
    "https://[::ffff:127.0.0.1]/hook",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://intranet/",
    "https://user:pass@example.com/",
    "https://example.com:0/",
    "https://example.com:99999/",
    "https://exa mple.com/",
    "https://example.com\\@evil.example/",
    "https://ex\u0430mple.com/",
    "https:///hook",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "//example.com",
    "https://" + "a" * 600 + ".com/",
    "https://-a.example.com/",
    "https://a..example.com/",
    "",
    "x",
]


@pytest.fixture
def live(sandbox, settings):
    settings.CHERT_API_BASE = LIVE


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_that_leads_inside_or_is_none_is_not_taken(live, url):
    """S36."""
    with pytest.raises(outgoing.BadAddress):
        outgoing.check(url)


@pytest.mark.parametrize(
    "url", ["https://example.com/hook", "https://hooks.example.co.uk:8443/a?b=c", " https://a.io/ "]
)
def test_an_address_outside_is_taken(live, url):
    assert outgoing.check(url) == url.strip()


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001::1",
    "fec0::1",
]


def resolves_to(monkeypatch, *ips):
    """A name that has these records."""
    asked = []

    def lookup(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ips]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_name_that_leads_inside_is_not_called(live, monkeypatch, ip):
    """S36: if any record is inside, none is called."""
    resolves_to(monkeypatch, ip)
    with pytest.raises(outgoing.BadAddress):
        addresses.allowed("hooks.example.com", 443)
    resolves_to(monkeypatch, "93.184.216.34", ip)
    with pytest.raises(outgoing.BadAddress):
        addresses.allowed("hooks.example.com", 443)


def test_the_connection_goes_to_the_very_address_that_was_judged(monkeypatch, event, clock, settings):
    """A name that changes its mind between look and call gains nothing: it is looked up once."""
    asked = resolves_to(monkeypatch, "93.184.216.34")
    called = []

    def connect(self, host, port, *_, **__):
        called.append((host, port))
        raise OSError

    monkeypatch.setattr(addresses.Backend, "connect_tcp", connect)
    WebhookEndpoint.objects.update(url="https://hooks.example.com/x")
    settings.CHERT_API_BASE = LIVE
    tell(clock)
    assert (asked, called) == (["hooks.example.com"], [("93.184.216.34", 443)])


def test_what_was_allowed_towards_a_sandbox_is_not_towards_chert(event, listener, clock, settings):
    settings.CHERT_API_BASE = LIVE
    tell(clock)
    event.refresh_from_db()
    assert (listener.told, event.answered) == ([], None)
    assert "https://" in event.detail


@pytest.mark.parametrize("url", ["https://127.0.0.1/hook", "https://10.0.0.1/", "http://example.com/"])
def test_a_program_is_told_why_its_address_is_not_taken(live, ada, till, url):
    refused = till.post("/webhooks", {"url": url, "events": ["message.sent"]})
    assert (code(refused), refused.json()["errors"][0]["pointer"]) == ("invalid", "/url")


def test_an_event_nobody_knows_cannot_be_wanted(till):
    assert code(till.post("/webhooks", {"url": "http://127.0.0.1:9/", "events": ["review.happy"]})) == "invalid"


def test_the_secret_is_encrypted_and_shown_once(ada, till, clock):
    """S47."""
    made = till.post("/webhooks", {"url": "http://127.0.0.1:9/hook", "events": ["message.sent"]}).json()
    [raw] = WebhookEndpoint.objects.extra(select={"raw": "secret"}).values_list("raw", flat=True)
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    assert made["secret"] not in str(raw)
    assert "secret" not in till.get(f"/webhooks/{made['id']}").json()


def test_a_campaign_of_many_is_told_whole(ada, endpoint, listener, sandbox, clock):
    for number in range(12):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    walk_to_the_end(clock)
    for _ in range(3):
        tell(clock)
    assert listener.types.count("message.sent") == 24
    assert not WebhookCall.objects.filter(told_at=None).exists()
