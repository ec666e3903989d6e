"""The System page: how the server is, what waits and why, in words for the owner."""

import json
import os
import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse

from campaigns import events as chert_events
from campaigns import launch, outbox, stuck, tallies, their_clock
from campaigns.chert.events import event_from_json
from campaigns.models import Attempt, Campaign, ChertEvent, Delivery, Membership, Message
from reviews import health, system
from tests.cast import at_once, die, give_secret, make_campaign, make_customer
from tests.test_webhooks import BODY, WEBHOOK_SECRET, knock, words_of


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    for cache in caches.all():
        cache.clear()
    their_clock.forget()
    yield
    for name in ("default", "spare"):
        caches[name].clear()


@pytest.fixture
def well(settings, tmp_path, clock):
    """A server at which all is well; call it to let it beat and sweep now."""
    settings.HEARTBEAT, settings.SWEPT = tmp_path / "heartbeat", tmp_path / "swept"

    def beat():
        for path in (settings.HEARTBEAT, settings.SWEPT):
            path.touch()
            os.utime(path, (clock().timestamp(), clock().timestamp()))

    beat()
    return beat


def page(client) -> str:
    """The page as words."""
    answer = client.get(reverse("system"))
    assert answer.status_code == 200
    return words(answer.content.decode())


def words(shown: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def figure(client, name) -> str:
    """What stands beside this name."""
    shown = client.get(reverse("system")).content.decode()
    found = re.search(rf"<dt><bdi>{name}</bdi></dt><dd>(.*?)</dd>", shown, re.DOTALL)
    return words(found[1])


def test_it_works(desk, well):
    shown = page(desk)
    assert "All is well." in shown
    assert [name for name, _, _ in system.WORDS.values() if name not in shown] == []


def test_every_check_has_its_words():
    assert set(system.WORDS) == set(health.CHECKS)


def test_it_says_what_is_wrong_since_when_and_what_to_do(desk, well, clock):
    clock.go(minutes=5)
    shown = page(desk)
    assert "Two things are to be mended." in shown
    assert "the worker has given no sign of life. Start Goodword again" in shown
    assert "since 12:00" in shown
    assert "<title>2 to mend" in desk.get(reverse("system")).content.decode()


def test_it_stands_where_an_owner_finds_it(desk, well):
    to = f'href="{reverse("system")}"'
    assert desk.get(reverse("settings")).content.decode().count(to) == 2  # the menu and the settings
    Membership.objects.update(role="manager")
    assert to not in desk.get(reverse("settings")).content.decode()


@pytest.mark.parametrize("role", ["manager", "sender", "viewer"])
@pytest.mark.parametrize("name", ["system", "system_live"])
def test_it_is_for_owners(desk, well, role, name):
    Membership.objects.update(role=role)
    assert desk.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", ["system", "system_live"])
def test_nobody_else_sees_it_and_no_cache_keeps_it(client, desk, well, name):
    assert "no-store" in desk.get(reverse(name))["Cache-Control"]
    client.logout()
    assert client.get(reverse(name)).url.startswith(reverse("sign_in"))


def test_it_is_only_looked_at(desk, well):
    assert desk.post(reverse("system")).status_code == 405


def test_what_moves_comes_alone_and_asks_again_calmly(desk, well):
    answer = desk.get(reverse("system_live")).content.decode()
    assert "<html" not in answer
    assert ('hx-trigger="every 15s"' in answer, "All is well." in answer) == (True, True)


# --- their own messages ---------------------------------------------------------------------------------------------


@pytest.fixture
def late(campaign, well, clock):
    """A message that should have gone three minutes ago."""
    clock.to(Message.objects.exclude(due_at=None).get().due_at + timedelta(minutes=3))
    well()
    return campaign


def test_what_is_due_is_counted_and_what_is_stuck_is_named(desk, late):
    assert figure(desk, "Due now").startswith("1 ")
    assert figure(desk, "Due longest").startswith("3 minutes")
    shown = page(desk)
    assert f"1 in Autumn {stuck.NOBODY}" in shown
    assert reverse("campaign", args=[late.pk]) in desk.get(reverse("system")).content.decode()


def test_a_rival_sees_nothing_of_it_but_how_the_server_is(client, late, rival):
    client.force_login(rival.user)
    assert figure(client, "Due now").startswith("0 ")
    shown = page(client)
    assert ("Autumn" in shown, "more than two minutes" in shown) == (False, True)


def test_how_many_of_others_are_held_is_nobody_s_business(client, late, rival):
    Campaign.objects.update(state="held")
    client.force_login(rival.user)
    assert " held" not in page(client)


def test_doubt_has_a_link_to_where_it_is_decided(desk, campaign, well):
    Delivery.objects.update(status="in_doubt")
    assert figure(desk, "May have been sent").startswith("1 ")
    to = f"{reverse('campaign', args=[campaign.pk])}?show=doubt#who"
    assert to in desk.get(reverse("system")).content.decode()


def test_a_name_that_is_code_stays_a_name(desk, late):
    late.name = "<script>alert(1)</script>"
    late.save()
    Delivery.objects.update(status="in_doubt")
    assert "<script>alert" not in desk.get(reverse("system")).content.decode()


def test_what_a_dead_worker_held_is_counted(desk, campaign, sandbox, well, clock):
    clock.to(Message.objects.exclude(due_at=None).get().due_at)
    assert outbox.run.__globals__["_take"]()
    die()
    outbox.sweep(clock())
    well()
    assert figure(desk, "Begun and not finished in time").startswith("1 ")


def test_a_lease_that_ran_out_is_counted_once_and_not_the_rivals(desk, campaign, sandbox, well, rival, clock):
    clock.to(Message.objects.exclude(due_at=None).get().due_at)
    outbox.run.__globals__["_take"]()
    clock.go(minutes=4)
    outbox.run(hands=0)
    assert figure(desk, "Begun and not finished in time").startswith("1 ")
    assert tallies.last_day(tallies.LOST_LEASES, rival.organization.pk, clock()) == 0


def test_what_was_a_day_ago_is_not_counted_any_more(db, clock):
    tallies.count("leases", 1, clock(), 5)
    clock.go(hours=23)
    tallies.count("leases", 1, clock())
    assert tallies.last_day("leases", 1, clock()) == 6
    clock.go(hours=2)
    assert tallies.last_day("leases", 1, clock()) == 1


def test_a_cache_that_is_away_costs_no_answer(ada, client, monkeypatch):
    def gone(*_):
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(tallies.cache, "set", gone)
    give_secret(ada.organization, webhook_secret=WEBHOOK_SECRET)
    door = reverse("chert_webhook", args=[ada.organization.webhook_path])
    assert knock(client, door, secret="cd" * 32) == 401


# --- Chert ----------------------------------------------------------------------------------------------------------


def test_forged_calls_are_counted_and_those_at_no_door_are_not(desk, client, ada, rival, well, clock):
    give_secret(ada.organization, webhook_secret=WEBHOOK_SECRET)
    door = reverse("chert_webhook", args=[ada.organization.webhook_path])
    assert [knock(client, door, secret="cd" * 32) for _ in range(3)] == [401] * 3
    assert knock(client, reverse("chert_webhook", args=["nobody"]), secret="cd" * 32) == 404
    assert figure(desk, "Calls without its signature").startswith("3 ")
    assert tallies.last_day(tallies.REFUSED_SIGNATURES, rival.organization.pk, clock()) == 0


def attempts(owner, clock, *answers, ago=timedelta(minutes=5)):
    person = make_customer(owner.business, 900)
    whose = {"organization": owner.organization, "business": owner.business, "customer": person}
    message = Message.objects.create(**whose, kind="confirmation", status="sent")
    Attempt.objects.bulk_create(
        Attempt(message=message, step="send", started_at=clock() - ago, outcome="unknown", http_status=http)
        for http in answers
    )


def test_the_share_of_errors_is_of_this_account_and_of_this_hour(desk, ada, rival, well, clock):
    assert figure(desk, "Answers with an error of its own").startswith("No calls")
    attempts(ada, clock, 200, 200, 500, 429)
    attempts(rival, clock, 500, 500)
    assert figure(desk, "Answers with an error of its own").startswith("25 % Of 4 in an hour. That is much.")


def test_how_late_its_calls_come(desk, ada, grace, well, clock, monkeypatch):
    assert figure(desk, "Its calls arrive after").startswith("Not called")
    monkeypatch.setattr(system.connecting, "is_connected", lambda _: True)
    assert figure(desk, "Its calls arrive after") == "No call yet"
    for number, seconds in enumerate((1, 7, 500)):
        event = event_from_json(words_of(grace, "Hi", number, clock().isoformat()))
        chert_events.store(ada.organization, event, "webhook", clock() + timedelta(seconds=seconds))
    chert_events.store(ada.organization, event_from_json(BODY), "log", clock() + timedelta(days=1))
    assert figure(desk, "Its calls arrive after") == "7 seconds"


def test_an_event_without_a_time_is_no_lag(desk, ada, well, clock, monkeypatch):
    monkeypatch.setattr(system.connecting, "is_connected", lambda _: True)
    odd = event_from_json({"event": "x", "event_id": "y", "timestamp": "never"})
    chert_events.store(ada.organization, odd, "webhook", clock())
    assert ChertEvent.objects.count() == 1
    assert figure(desk, "Its calls arrive after") == "No call yet"


def test_when_its_log_was_read(desk, ada, sandbox, well, clock):
    assert figure(desk, "Its log read").startswith("Not yet")
    chert_events.poll(clock)
    clock.go(minutes=4)
    well()
    assert figure(desk, "Its log read").startswith("4 minutes ago")


# --- the machine ----------------------------------------------------------------------------------------------------


def test_the_version_is_the_one_of_the_project():
    assert re.fullmatch(r"\d+\.\d+\.\d+", system.version())


@pytest.mark.parametrize(
    "note", [None, "", "{", "[]", '{"at": "soon", "bytes": 1}', '{"at": "2026-03-02T18:00:00", "bytes": 1}', "null"]
)
def test_a_backup_that_nobody_made_or_whose_note_is_rubbish_is_none(desk, well, settings, tmp_path, note):
    settings.LAST_BACKUP = tmp_path / "last_backup.json"
    if note is not None:
        settings.LAST_BACKUP.write_text(note)
    assert figure(desk, "Last backup").startswith("None yet")


def test_the_last_backup_is_told(desk, well, settings, tmp_path, clock):
    settings.LAST_BACKUP = tmp_path / "last_backup.json"
    made = (clock() - timedelta(hours=5)).isoformat()
    settings.LAST_BACKUP.write_text(json.dumps({"at": made, "bytes": 812_400_000}))
    assert figure(desk, "Last backup") == "5 hours ago 7:00, 812.4 MB"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (180, "3 minutes"), (7200, "2 hours"), (1e6, "11 days")],
)
def test_spans_in_words(seconds, said):
    assert system.span(timedelta(seconds=seconds)) == said


def test_a_page_of_two_hundred_stuck_costs_few_questions(desk, ada, well, clock, django_assert_max_num_queries):
    for number in range(100):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    Message.objects.exclude(due_at=None).update(due_at=clock())
    clock.go(minutes=3)
    well()
    with django_assert_max_num_queries(40):
        assert "100 in Autumn" in page(desk)


@pytest.mark.django_db(transaction=True)
def test_two_that_look_at_once_say_the_same(desk, well):
    pages = at_once([lambda: page(desk), lambda: page(desk)])
    assert ["All is well." in shown for shown in pages] == [True, True]
