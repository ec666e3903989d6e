"""What is old goes by itself, and what must stay stays (S61)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns import retention
from campaigns.asking import audience
from campaigns.models import Attempt, ChertEvent, Click, Conversation, Delivery, Gesture, Message, picture_path
from tests.cast import Killed, heard_from, make_campaign, only_delivery

WORDS = "The tap in the cellar drips"


@pytest.fixture
def story(campaign, sandbox, clock, ada):
    """Grace was asked, opened the link and answered; the account keeps words for 13 months."""
    talk = heard_from(sandbox, clock, campaign, WORDS)
    delivery = only_delivery(campaign)
    Click.objects.create(delivery=delivery, agent="Safari on iPhone")
    ada.organization.keeps_days = 395
    ada.organization.save(update_fields=["keeps_days"])
    retention.forget(clock)
    return talk


def days_later(clock, days):
    """The clock does its work each day; here on the last two of them."""
    clock.go(days=days - 1)
    retention.forget(clock)
    clock.go(days=1)
    return retention.forget(clock)


def left():
    """The words there are, how much is left of what was done on the way, and whose pictures."""
    return (
        set(Message.objects.values_list("text", flat=True)),
        Attempt.objects.count() + Click.objects.count() + Gesture.objects.count() + ChertEvent.objects.count(),
        [each.pk for each in Message.objects.exclude(kind="inbound") if drawn(each).exists()],
    )


def drawn(message):
    """Where its picture lies, or lay."""
    return picture_path(f"{message.key}.jpg")


def test_words_pictures_tries_and_openings_go_when_they_are_old_enough(story, campaign, clock):
    assert left()[2] != []
    days_later(clock, 400)
    delivery = only_delivery(campaign)
    assert left() == ({retention.GONE}, 0, [])
    assert (delivery.picture, delivery.replied_words) == ("", "")
    assert Conversation.objects.get().words == retention.GONE
    assert not Message.objects.exclude(body=None).exists()


def test_younger_words_stay(story, campaign, clock):
    before = Message.objects.values_list("text", "body", "picture")
    seen = list(before.order_by("pk"))
    days_later(clock, 300)
    assert list(before.order_by("pk")) == seen
    assert picture_path(only_delivery(campaign).picture).exists()


def test_that_somebody_was_asked_stays_with_its_times_and_counts(story, campaign, clock):
    before = Delivery.objects.values("status", "sent_at", "read_at", "clicked_at", "replied_at").get()
    messages = list(Message.objects.order_by("pk").values_list("kind", "status", "sent_at", "chert_id"))
    days_later(clock, 400)
    assert Delivery.objects.values(*before).get() == before
    assert list(Message.objects.order_by("pk").values_list("kind", "status", "sent_at", "chert_id")) == messages


def test_nobody_is_asked_sooner_because_the_words_are_gone(story, ada, clock):
    ada.business.cool_down_days = 3650
    ada.business.save()
    days_later(clock, 400)
    _, left_out = audience.of(make_campaign(ada, name="Next"), clock())
    assert [reason.code for _, reason in left_out] == ["recent"]


def test_twice_is_once(story, clock):
    days_later(clock, 400)
    assert retention.forget(clock) == 0
    clock.go(days=1)
    assert retention.forget(clock) == 0


def test_what_may_still_be_sent_is_never_touched(story, campaign, clock):
    Message.objects.filter(kind="ask").update(status="planned", due_at=clock() + timedelta(days=500))
    days_later(clock, 400)
    ask = Message.objects.get(kind="ask")
    assert (ask.text != retention.GONE, bool(ask.body), picture_path(ask.picture).exists()) == (True, True, True)
    assert only_delivery(campaign).picture == ask.picture


def test_events_of_chert_go_after_ninety_days_unless_nobody_could_understand_them(story, ada, clock):
    waits = ChertEvent.objects.create(organization=ada.organization, event_id="odd", payload={}, failures=5)
    days_later(clock, 91)
    assert list(ChertEvent.objects.all()) == [waits]


def test_a_clock_that_leaps_for_an_hour_costs_nothing(story, campaign, clock):
    clock.go(days=4000)
    assert retention.forget(clock) == 0
    clock.go(days=-4000)
    assert (retention.forget(clock), retention.forget(clock)) == (0, 0)
    clock.go(days=1)
    assert retention.forget(clock) == 0
    assert WORDS in set(Message.objects.values_list("text", flat=True))


def test_a_host_whose_clock_the_database_does_not_share_throws_nothing_away(story, clock, monkeypatch):
    clock.go(days=399)
    retention.forget(clock)
    clock.go(days=1)
    monkeypatch.setattr(retention.skew, "database_time", lambda: clock() - timedelta(days=400))
    assert retention.forget(clock) == 0


def test_who_dies_between_the_file_and_the_row_leaves_both_to_the_next(story, campaign, clock, monkeypatch):
    clock.go(days=399)
    retention.forget(clock)
    clock.go(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(retention.transaction, "atomic", _dies)
        with pytest.raises(Killed):
            retention.forget(clock)
    assert retention.forget(clock) > 0
    assert left() == ({retention.GONE}, 0, [])


def _dies(*_):
    raise Killed


def test_an_account_keeps_its_own_age(story, campaign, rival, clock):
    """The rival's words are kept for the usual two years, and are another's anyway."""
    theirs = Message.objects.create(
        organization=rival.organization,
        business=rival.business,
        customer=only_delivery(campaign).customer.__class__.objects.create(
            business=rival.business, phone="+15125550999"
        ),
        kind="inbound",
        status="received",
        text="Ours",
    )
    days_later(clock, 400)
    assert Message.objects.get(pk=theirs.pk).text == "Ours"


def test_a_little_at_a_time(story, clock, monkeypatch):
    monkeypatch.setattr(retention, "HANDFUL", 1)
    clock.go(days=399)
    retention.forget(clock)
    clock.go(days=1)
    rounds = 0
    while retention.forget(clock, seconds=0):
        rounds += 1
    assert rounds >= 4
    assert set(Message.objects.values_list("text", flat=True)) == {retention.GONE}


def test_the_pages_say_that_the_words_are_no_longer_kept(story, campaign, ada, clock, client):
    days_later(clock, 400)
    client.force_login(ada.user)
    for name, pk in (("customer", story.customer_id), ("conversation", story.pk), ("campaign", campaign.pk)):
        page = client.get(reverse(name, args=[pk]))
        assert page.status_code == 200
        assert WORDS not in page.content.decode()
        assert "delivery_picture" not in page.content.decode()
    assert retention.GONE in client.get(reverse("customer", args=[story.customer_id])).content.decode()


def test_the_owner_says_how_long(ada, client):
    client.force_login(ada.user)
    assert client.post(reverse("settings_keeping"), {"keeps_days": "395"}).status_code == 302
    ada.organization.refresh_from_db()
    assert ada.organization.keeps_days == 395


def test_a_length_that_is_not_offered_is_refused_with_a_sentence(ada, client):
    client.force_login(ada.user)
    page = client.post(reverse("settings_keeping"), {"keeps_days": "1"})
    assert (page.status_code, "not one of the available choices" in page.content.decode()) == (422, True)
