"""The way of a message: greeting, pause, picture and text and link, delivered, read."""

from campaigns import launch, links, outbox, status
from campaigns.models import Attempt, Business, Message
from tests.cast import (
    answer,
    kinds,
    ledger,
    make_campaign,
    make_customer,
    only_delivery,
    walk_to_the_end,
    work,
)

GOOGLE = "https://search.google.com/local/writereview?placeid=ChIJN1t_tDeuEmsRUsoyG83frY4"


def test_a_new_customer_is_greeted_and_two_minutes_later_gets_picture_text_and_link(campaign, sandbox, clock):
    work(clock)
    assert kinds(sandbox) == [["text"]]
    work(clock, minutes=1)
    assert kinds(sandbox) == [["text"]]
    work(clock, minutes=1.1)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]


def test_the_row_walks_to_read_and_the_campaign_ends(campaign, sandbox, clock):
    walk_to_the_end(clock)
    delivery = only_delivery(campaign)
    campaign.refresh_from_db()
    assert (delivery.status, campaign.state) == (status.Delivery.READ, status.Campaign.FINISHED)
    assert delivery.greeted_at < delivery.sent_at < delivery.delivered_at < delivery.read_at


def test_every_attempt_is_written_down(campaign, sandbox, clock):
    walk_to_the_end(clock)
    tries = Attempt.objects.order_by("pk").values_list("step", "outcome")
    assert list(tries) == [("upload", "sent"), ("send", "sent"), ("send", "sent")]


def test_no_message_stays_open(campaign, sandbox, clock):
    walk_to_the_end(clock)
    assert not Message.objects.filter(status__in=status.OPEN).exists()


def test_nothing_is_sent_twice_however_often_the_clock_ticks(campaign, sandbox, clock):
    walk_to_the_end(clock)
    for _ in range(20):
        work(clock, minutes=10)
    assert len(ledger(sandbox, "message")) == 2


def test_the_greeting_speaks_to_the_person_in_the_name_of_the_business(campaign, sandbox, clock):
    work(clock)
    [part] = ledger(sandbox, "message")[0]["parts"]
    assert part["value"].startswith("Hi Grace, it's Ada from Ada's Bakery.")
    assert "STOP" in part["value"]


def test_the_link_card_leads_through_us_and_names_the_business(campaign, sandbox, clock, settings):
    walk_to_the_end(clock)
    card = ledger(sandbox, "message")[1]["parts"][2]
    assert card["url"] == f"{settings.SITE_URL}/r/{only_delivery(campaign).token}"
    assert (card["title"], card["summary"]) == ("Write a Google review", "Ada's Bakery")


def test_the_picture_that_arrives_is_the_one_on_the_row(campaign, sandbox, clock):
    walk_to_the_end(clock)
    ask = Message.objects.get(kind=Message.Kind.ASK)
    assert ledger(sandbox, "message")[1]["parts"][0]["attachment_id"] == ask.attachment_id
    assert only_delivery(campaign).picture == ask.picture != ""


def test_where_our_address_is_not_public_the_google_address_goes_out_itself(ada, settings):
    settings.CHERT_API_BASE = "https://console.trychert.com/api/v1"
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert links.address(ada.business, "token") == GOOGLE


def test_https_on_this_very_machine_is_not_public_either(ada, settings):
    settings.CHERT_API_BASE = "https://console.trychert.com/api/v1"
    settings.SITE_URL = "https://localhost:8000"
    assert links.address(ada.business, "token") == GOOGLE


def test_a_business_that_does_not_count_openings_sends_the_google_address(ada, sandbox, clock):
    Business.objects.update(links=Business.Links.DIRECT)
    launched(ada, make_customer(ada.business))
    walk_to_the_end(clock)
    assert ledger(sandbox, "message")[1]["parts"][2]["url"] == GOOGLE


def launched(ada, *customers, **more):
    ada.business.refresh_from_db()
    campaign = make_campaign(ada, **more)
    launch.launch(campaign, ada.user, campaign.created_at)
    return campaign


def test_somebody_we_already_write_with_gets_only_the_ask(campaign, ada, sandbox, clock):
    walk_to_the_end(clock)
    clock.go(days=91)
    launched(ada, name="Spring", created_at=clock())
    work(clock)
    assert kinds(sandbox)[2:] == [["media", "text", "rich_link"]]


def test_the_second_campaign_uses_no_first_touch(campaign, ada, sandbox, clock):
    walk_to_the_end(clock)
    clock.go(days=91)
    launched(ada, name="Spring", created_at=clock())
    work(clock)
    ada.line.refresh_from_db()
    assert len(ledger(sandbox, "chat")) == 1
    assert ada.line.day < clock().date()


def test_the_pause_is_the_businesss_own(ada, sandbox, clock):
    Business.objects.update(ask_after=600)
    launched(ada, make_customer(ada.business))
    work(clock)
    work(clock, minutes=9.9)
    assert kinds(sandbox) == [["text"]]
    work(clock, minutes=0.2)
    assert len(kinds(sandbox)) == 2


def test_an_answer_to_an_older_message_hurries_nobody(campaign, ada, sandbox, clock, grace):
    """Only words that came after this greeting are an answer to it."""
    grace.messages.create(
        organization=ada.organization,
        business=ada.business,
        kind="inbound",
        status="received",
        text="Hello",
        chert_id="x",
    )
    clock.go(seconds=1)
    work(clock)
    work(clock, minutes=1)
    assert kinds(sandbox) == [["text"]]


def test_the_chat_is_remembered_on_the_customer(campaign, sandbox, clock, grace):
    work(clock)
    chat = ledger(sandbox, "chat")[0]["chat_id"]
    grace.refresh_from_db()
    assert grace.chat_id == chat


def test_a_campaign_without_a_card_still_sends_text_and_link(ada, sandbox, clock, grace):
    campaign = launched(ada)
    campaign.card = None
    campaign.save()
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["text", "rich_link"]]


def test_the_words_are_those_of_the_launch_however_the_campaign_is_edited(campaign, sandbox, clock):
    type(campaign).objects.update(ask="Something else", greeting="Something else")
    walk_to_the_end(clock)
    texts = [p["value"] for e in ledger(sandbox, "message") for p in e["parts"] if p["type"] == "text"]
    assert "Something else" not in texts


def test_an_answer_lets_the_ask_follow_at_once_and_only_once(campaign, sandbox, clock, grace):
    work(clock)
    for words in ("Hi!", "Hello?", "Are you there"):
        answer(sandbox, clock, grace, words)
        outbox.run(hands=0)
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]


def test_a_name_with_an_address_in_it_ends_in_words_and_stops_nobody_else(ada, sandbox, clock):
    make_customer(ada.business, 1, first_name="www.win-money.com")
    make_customer(ada.business, 2)
    campaign = launched(ada)
    walk_to_the_end(clock)
    odd, fine = campaign.deliveries.order_by("pk")
    assert (odd.status, fine.status) == ("refused", "read")
    assert "web address" in odd.reason
