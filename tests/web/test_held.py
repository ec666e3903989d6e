"""What the pages say of a campaign that is held, of one whose rest waits for tomorrow, and of whose turn it is when."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns import events, launch, outbox, status, steering
from campaigns.brakes import absence
from campaigns.models import Campaign, Membership, Message, Organization, User
from campaigns.web.campaigns import words
from tests.cast import NAMES, make_campaign, make_customer, work


def text(answer) -> str:
    return answer.content.decode()


def page(client, campaign) -> str:
    return text(client.get(reverse("campaign", args=[campaign.pk])))


def press(client, name, campaign, **more) -> str:
    return text(client.post(reverse(name, args=[campaign.pk]), follow=True, **more))


@pytest.fixture
def three(ada, clock):
    """Three to be asked, ten minutes apart, nothing sent yet; a reminder follows each after three days."""
    ada.line.gap = 600
    ada.line.save()
    for number in range(3):
        make_customer(ada.business, number, first_name=NAMES[number], last_name="Bell")
    made = make_campaign(ada, remind_after=3, reminder="Hi {first_name}, one gentle reminder.")
    launch.launch(made, ada.user, clock())
    return made


@pytest.fixture
def held(three, clock, settings):
    """Back after two days."""
    settings.ALLOWED_ABSENCE = timedelta(hours=1)
    absence.look(clock())
    clock.go(days=2)
    absence.look(clock())
    three.refresh_from_db()
    return three


def times(shown: str) -> list[str]:
    """What stands under "When", row by row."""
    return re.findall(r'<time id="when-\d+"[^>]*>([^<]*)</time>', shown)


def test_a_held_campaign_says_what_happened_and_offers_both_ways(desk, held):
    shown = page(desk, held)
    assert "The server was away from Monday 2 March, 12:00 to Wednesday 4 March, 12:00." in shown
    assert "nothing is lost" in shown
    assert (shown.count('id="resume"'), shown.count('id="cancel"'), times(shown)) == (1, 1, [])


def test_who_may_only_look_is_told_and_offered_nothing(client, held, ada):
    watcher = User.objects.create_user("viewer@example.com", "correct horse battery")
    Membership.objects.create(user=watcher, organization=ada.organization, role=Membership.Role.VIEWER)
    client.force_login(watcher)
    shown = page(client, held)
    assert "The server was away" in shown
    assert 'id="resume"' not in shown


def test_go_on_goes_on_and_cancel_cancels(desk, held):
    press(desk, "campaign_resume", held)
    held.refresh_from_db()
    assert (held.state, 'id="held"' in page(desk, held)) == ("running", False)
    assert "Cancelled." in press(desk, "campaign_cancel", held)


@pytest.fixture
def going(held, ada):
    """Somebody has said "go on", and what customers have written meanwhile is not read yet."""
    steering.resume(held, ada.user)
    return held


def deaf(clock):
    Organization.objects.update(events_polled_at=clock())


def test_going_on_says_that_it_listens_first(desk, held):
    said = press(desk, "campaign_resume", held)
    assert "It goes on where it stopped, once what customers wrote meanwhile has been read." in said
    assert ("It goes on in a moment" in said, 'id="go-on-unheard"' in said) == (True, False)


def test_a_log_that_cannot_be_read_is_told_with_a_way_on(desk, going, clock):
    deaf(clock)
    said = page(desk, going)
    assert "Chert’s log of their answers could not be read yet" in said
    assert "Autumn waits for what customers have written" in text(desk.get(reverse("dashboard")))
    assert "on record" in press(desk, "campaign_go_on_unheard", going)
    assert 'id="unheard"' not in page(desk, going)
    assert "has been read by now" in press(desk, "campaign_go_on_unheard", going)


def test_the_open_page_hears_when_the_log_has_been_read(desk, going, clock):
    deaf(clock)
    address = re.search(r'data-live="([^"]+)"', page(desk, going))[1].replace("&amp;", "&")
    assert 'id="unheard"' in text(desk.get(address))
    events.poll(lambda: clock() + timedelta(minutes=1))
    assert 'id="unheard"' not in text(desk.get(address))


def test_who_may_only_look_cannot_go_on_unheard(client, going, ada, clock):
    deaf(clock)
    watcher = User.objects.create_user("viewer@example.com", "correct horse battery")
    Membership.objects.create(user=watcher, organization=ada.organization, role=Membership.Role.VIEWER)
    client.force_login(watcher)
    assert 'id="go-on-unheard"' not in page(client, going)
    assert client.post(reverse("campaign_go_on_unheard", args=[going.pk])).status_code == 403
    assert Organization.objects.get(pk=ada.organization.pk).unheard_since


def test_the_overview_and_the_list_say_that_somebody_is_needed(desk, held):
    overview = text(desk.get(reverse("dashboard")))
    assert "Autumn is held and needs you" in overview
    assert "One campaign is held" in overview
    assert "Needs you" in text(desk.get(reverse("campaigns")))


def test_what_watches_the_site_is_told_too(client, held):
    assert "1 held: somebody has to say whether it goes on." in client.get("/readyz").json()["notes"]


def test_the_rest_tomorrow_and_back(desk, three, sandbox, clock):
    said = press(desk, "campaign_rest", three)
    assert "Nobody new is asked until Tue 9:00" in said
    assert said.count("Waits until Tue 9:00, by hand") == 3
    assert ('id="today"' in said, 'id="rest"' in said) == (True, False)
    assert "It goes on today." in press(desk, "campaign_today", three)
    assert 'id="rest"' in page(desk, three)


@pytest.mark.parametrize(
    "name", ["campaign_rest", "campaign_today", "campaign_resume", "campaign_cancel", "campaign_go_on_unheard"]
)
def test_a_rival_turns_nothing(client, three, rival, name):
    client.force_login(rival.user)
    assert client.post(reverse(name, args=[three.pk])).status_code == 404
    three.refresh_from_db()
    assert (three.state, three.rests_until) == ("running", None)


def test_a_second_press_is_answered_in_words(desk, three):
    press(desk, "campaign_rest", three)
    assert "The rest waits already, until Tuesday 9:00." in press(desk, "campaign_rest", three)


def test_the_end_of_the_rest_turns_the_button_by_the_poll(desk, three, clock):
    press(desk, "campaign_rest", three)
    address = re.search(r'data-live="([^"]+)"', page(desk, three))[1].replace("&amp;", "&")
    clock.go(days=1)
    assert 'id="rest"' in text(desk.get(address))


def test_whoever_cancels_reads_who_may_still_hear_from_us(desk, three, clock):
    begun = Message.objects.filter(customer__first_name__in=["Dee", "Fay"], kind="ask")
    begun.update(is_calling=True, lease_token="me", lease_until=clock() + timedelta(minutes=1))
    assert "Two messages were on the way and may still arrive: Dee Bell, Fay Bell." in press(
        desk, "campaign_cancel", three
    )


def test_nobody_under_way_is_said_and_many_are_counted(ada):
    people = [make_customer(ada.business, number, first_name=NAMES[number], last_name="") for number in range(5)]
    assert words.under_way([]) == "Nothing was on its way."
    assert words.under_way(people) == "Five messages were on the way and may still arrive: Dee, Edna, Fay and 2 more."


def test_a_turn_that_has_gone_by_is_told_anew(desk, three, clock):
    assert times(page(desk, three)) == ["12:00", "12:10", "12:20"]
    clock.go(hours=1)  # nobody was at work
    assert times(page(desk, three)) == ["13:00", "13:10", "13:20"]


def test_a_page_that_stays_open_hears_of_turns_that_have_gone_by(desk, three, sandbox, clock):
    outbox.run(hands=0)
    address = re.search(r'data-live="([^"]+)"', page(desk, three))[1].replace("&amp;", "&")
    assert desk.get(address).status_code == 204
    clock.go(minutes=30)
    assert times(text(desk.get(address)))[-2:] == ["12:30", "12:40"]


def test_when_it_goes_on_after_a_pause_the_times_come_with_it(desk, three, ada, clock):
    steering.pause(three, ada.user)
    shown = page(desk, three)
    assert times(shown) == []
    steering.resume(three, ada.user)
    address = re.search(r'data-live="([^"]+)"', shown)[1].replace("&amp;", "&")
    assert len(times(text(desk.get(address)))) == 3


def test_the_file_tells_the_same_times_as_the_page(desk, three, clock):
    clock.go(hours=1)
    lines = b"".join(desk.get(reverse("campaign_csv", args=[three.pk])).streaming_content).decode().splitlines()
    assert ["2026-03-02 13:" in line for line in lines] == [False, True, True, True]


def test_the_end_counts_the_reminders_that_are_still_to_come(desk, three):
    assert "Last request today at 12:20; reminders until Thursday 5 March." in page(desk, three)


def test_without_reminders_it_is_simply_done(desk, three):
    Campaign.objects.update(remind_after=None)
    assert "Done today at 12:20." in page(desk, three)


def test_a_picture_follows_its_greeting_by_the_clock(desk, three, sandbox, clock):
    outbox.run(hands=0)
    assert three.deliveries.filter(status=status.Delivery.GREETED).count() == 1
    assert "Picture follows at 12:02" in page(desk, three)
    clock.go(minutes=5)
    work(clock)
    assert "Picture follows" not in page(desk, three)
