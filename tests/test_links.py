"""The customer's link: one destination for everybody, openings counted for people and not for machines."""

import pytest
from django.urls import reverse

from campaigns import launch, links, replies
from campaigns.models import Click
from tests.cast import make_campaign, make_customer, only_delivery, walk_to_the_end

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
GOOGLE = "https://search.google.com/local/writereview?placeid=ChIJN1t_tDeuEmsRUsoyG83frY4"


@pytest.fixture
def asked(campaign, sandbox, clock):
    walk_to_the_end(clock)
    return only_delivery(campaign)


def tap(client, token, agent=IPHONE, **headers):
    return client.get(reverse("open_link", args=[token]), headers={"user-agent": agent, **headers})


def test_a_tap_leads_to_the_review_page_and_shows_on_the_row(asked, client, clock):
    answer = tap(client, asked.token)
    asked.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, GOOGLE)
    assert asked.clicked_at == clock()


def test_the_first_tap_is_the_one_that_is_shown_and_all_are_kept(asked, client, clock):
    first = clock()
    tap(client, asked.token)
    clock.go(minutes=5)
    tap(client, asked.token)
    asked.refresh_from_db()
    assert (asked.clicked_at, Click.objects.count()) == (first, 2)


@pytest.mark.parametrize(
    ("agent", "headers"),
    [
        ("facebookexternalhit/1.1 Facebot Twitterbot/1.0", {}),
        ("Googlebot/2.1", {}),
        ("curl/8.5.0", {}),
        ("python-httpx/0.28", {}),
        ("", {}),
        (IPHONE, {"purpose": "prefetch"}),
        (IPHONE, {"sec-purpose": "prefetch;prerender"}),
    ],
)
def test_a_machine_is_sent_on_and_written_down_and_does_not_count(asked, client, agent, headers):
    answer = tap(client, asked.token, agent, **headers)
    asked.refresh_from_db()
    assert (answer.status_code, asked.clicked_at) == (302, None)
    assert Click.objects.get().is_robot


def test_a_head_request_is_a_machine(asked, client):
    client.head(reverse("open_link", args=[asked.token]), headers={"user-agent": IPHONE})
    asked.refresh_from_db()
    assert asked.clicked_at is None


@pytest.mark.parametrize("token", ["unknown", "%00", "%F0%9F%92%A9", "x" * 3000, "a%0d%0ab", "..%2f.."])
def test_a_token_nobody_has_gets_a_friendly_page_and_leads_nowhere(asked, client, token):
    answer = client.get(f"/r/{token}", headers={"user-agent": IPHONE})
    assert answer.status_code == 404
    assert "Location" not in answer
    assert not Click.objects.exists()


def test_no_word_in_the_address_changes_the_destination(asked, client):
    """S32: no open redirect."""
    address = reverse("open_link", args=[asked.token])
    answer = client.get(f"{address}?next=https://evil.example&url=https://evil.example", headers={"user-agent": IPHONE})
    assert answer["Location"] == GOOGLE


@pytest.mark.parametrize("words", ["Great!", "Terrible, 1 star", "👎", "please don't text me", "STOP", "5 stars"])
def test_whatever_they_answer_the_destination_is_the_same(asked, client, clock, words):
    """R1: no reply chooses another page."""
    replies.stop(asked.customer, words, None, clock()) if words == "STOP" else asked.note(replied_words=words)
    assert tap(client, asked.token)["Location"] == GOOGLE


def test_everybody_of_a_business_gets_the_same_destination(ada, sandbox, clock, client):
    for number, first_name in enumerate(["Grace", "Linus", "José", ""]):
        make_customer(ada.business, number, first_name=first_name)
    tokens = [d.token for d in launched(ada, clock).deliveries.all()]
    assert {tap(client, token)["Location"] for token in tokens} == {GOOGLE}


def launched(ada, clock):
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    return campaign


def test_the_link_holds_a_token_that_cannot_be_guessed_and_nothing_of_the_customer(asked, settings):
    address = links.address(asked.campaign.business, asked.token)
    assert address == f"{settings.SITE_URL}/r/{asked.token}"
    assert len(asked.token) >= 43  # 256 bits


def test_the_answer_is_not_kept_by_anybody_and_tells_google_nothing_of_us(asked, client):
    answer = tap(client, asked.token)
    assert (answer["Cache-Control"], answer["Referrer-Policy"], answer["X-Robots-Tag"]) == (
        "no-store",
        "no-referrer",
        "noindex",
    )


def test_a_business_that_moved_leads_its_old_links_to_the_new_page(asked, client, ada):
    ada.business.review_url = "https://g.page/r/new/review"
    ada.business.save()
    assert tap(client, asked.token)["Location"] == "https://g.page/r/new/review"
