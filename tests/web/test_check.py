"""The dry run and the start."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import launch
from campaigns.models import Campaign, Line, Message
from tests.cast import at_once, ledger, make_campaign, make_customer


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def draft(ada, grace) -> Campaign:
    make_customer(ada.business, 2, first_name="Ray", stopped_at=timezone.now(), stopped_how="Asked us by phone")
    make_customer(ada.business, 3, first_name="Todd", is_insider=True)
    return make_campaign(ada)


def check(client, campaign):
    return client.get(reverse("campaign_check", args=[campaign.pk]))


def start(client, campaign):
    return client.post(reverse("campaign_start", args=[campaign.pk]))


def test_it_says_who_will_be_asked_who_not_and_why_and_when_it_is_done(desk, draft):
    answer = text(check(desk, draft))
    for words in ("1 customer, done today at", "Grace", "Ray", "Asked us by phone", "Todd", "Employee or relative"):
        assert words in answer
    assert "Ask 1 customer<" in answer


def test_looking_sends_nothing_and_starts_nothing(desk, draft, sandbox):
    check(desk, draft)
    draft.refresh_from_db()
    assert (draft.state, draft.deliveries.count(), ledger(sandbox)) == ("draft", 0, [])


def test_it_starts_once_however_often_the_button_is_pressed(desk, draft):
    for _ in range(3):
        assert start(desk, draft).url == reverse("campaign", args=[draft.pk])
    assert draft.deliveries.count() == 3
    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_fifty_clicks_at_the_same_moment_start_it_once(draft, ada):
    """F-13."""
    browsers = [Client() for _ in range(50)]
    for browser in browsers:
        browser.force_login(ada.user)
    answers = at_once([lambda b=browser: start(b, draft).url for browser in browsers])
    assert set(answers) == {reverse("campaign", args=[draft.pk])}
    assert (Campaign.objects.count(), draft.deliveries.count(), Message.objects.count()) == (1, 3, 2)


def test_with_something_missing_there_is_no_button_and_the_server_refuses_too(desk, draft, ada):
    ada.business.review_url = ""
    ada.business.save()
    assert "Ask 1 customer<" not in text(check(desk, draft))
    refused = start(desk, draft)
    assert refused.status_code == 409
    assert "It was not started, and nothing was sent." in text(refused)
    assert "There is no review address yet." in text(refused)
    assert not draft.deliveries.exists()


def test_nobody_to_ask_is_said(desk, draft, grace):
    grace.delete()
    assert "Nobody can be asked just now." in text(check(desk, draft))


def test_a_started_campaign_has_nothing_to_check(desk, draft):
    start(desk, draft)
    assert check(desk, draft).url == reverse("campaign", args=[draft.pk])


def test_pictures_of_real_customers_are_shown_with_their_words(desk, draft):
    assert "Thanks, Grace!" in text(check(desk, draft))


def test_two_thousand_customers_are_counted_and_not_all_named(desk, ada, draft, django_assert_max_num_queries):
    for number in range(10, 140):
        make_customer(ada.business, number)
    with django_assert_max_num_queries(25):
        answer = text(check(desk, draft))
    assert "131 customers" in answer
    assert "and 31 more" in answer


def test_the_plan_is_drawn_as_a_calendar_and_said_in_words(desk, ada, draft, clock):
    Line.objects.update(budget=30, gap=600)
    for number in range(10, 79):
        make_customer(ada.business, number)
    answer = text(check(desk, draft))
    assert "30 a day on one line, ten minutes apart, first today at 12:00." in answer
    assert 'aria-label="Monday 2 March to Tuesday 3 March: 30 a day. Wednesday 4 March: 10."' in answer
    assert '<div class="day on end"><span>4</span><span><b>10</b> <small>9:00</small></span></div>' in answer


def test_who_waits_for_their_morning_stands_there_with_the_place(desk, ada, draft, clock):
    make_customer(ada.business, 10, first_name="Kai", timezone="Pacific/Honolulu")
    answer = text(check(desk, draft))
    assert "waits for their morning" in answer
    assert "Quiet until 9:00 their time: 1 Honolulu." in answer
    assert "Asked 13:00" in answer


def test_a_plan_longer_than_six_weeks_says_the_rest(desk, ada, draft, clock):
    Line.objects.update(budget=1, gap=600)
    for number in range(10, 80):
        make_customer(ada.business, number)
    assert "And 29 more until Monday 11 May." in text(check(desk, draft))


def test_a_campaign_that_goes_before_is_said(desk, ada, draft, clock):
    launch.launch(make_campaign(ada, name="Winter"), ada.user, clock())
    make_customer(ada.business, 10)
    assert "1 first message of other campaigns goes before." in text(check(desk, draft))


def test_two_lines_are_counted_in_words(desk, ada, draft, clock):
    Line.objects.update(budget=30, gap=600)
    Line.objects.create(organization=ada.organization, number="+15125550101", budget=20, gap=900)
    assert "50 a day on two lines, ten minutes apart" in text(check(desk, draft))
