"""Closing is decided: nothing more is sent, nobody but the owners comes in; and for a week it can be taken back."""

from datetime import timedelta

import pytest

from campaigns import closing, members, outgoing, status, steering
from campaigns.models import (
    ApiToken,
    AuditEntry,
    Campaign,
    FrontDesk,
    Invitation,
    Message,
    Organization,
    WebhookCall,
)
from campaigns.steering import trial
from tests.cast import at_once, heard_from, is_send, make_campaign, make_customer, only_delivery, walk_to_the_end, work


@pytest.fixture
def close(ada, clock):
    """Ada does."""
    return lambda: closing.close(ada.organization, ada.user, clock())


@pytest.fixture
def keep(ada, clock):
    return lambda: closing.keep(ada.organization, ada.user, clock())


def acts():
    return list(AuditEntry.objects.filter(act__endswith="organization").values_list("act", flat=True))


def test_a_running_campaign_sends_nothing_more(campaign, wire, clock, close):
    """S62."""
    work(clock)
    assert len(wire.sends()) == 1
    assert close()
    walk_to_the_end(clock)
    assert len(wire.sends()) == 1
    campaign.refresh_from_db()
    assert (campaign.state, acts()) == (status.Campaign.PAUSED, ["close organization"])


def test_a_call_that_is_under_way_comes_to_its_end_and_no_other_begins(ada, campaign, wire, clock, close):
    def at_the_greeting(request):
        if is_send(request) and len(wire.sends()) == 1:
            close()

    wire.before = at_the_greeting
    for _ in range(3):
        work(clock, 3)
    assert len(wire.sends()) == 1
    assert only_delivery(campaign).status == "greeted"


def test_an_answer_that_has_not_left_is_taken_back_and_stays_back(ada, campaign, sandbox, wire, clock, close, keep):
    talk = heard_from(sandbox, clock, campaign)
    waiting = Message.objects.create(
        organization=ada.organization,
        business=ada.business,
        customer=talk.customer,
        kind="answer",
        status="planned",
        text="See you soon",
        due_at=clock(),
    )
    sent = len(wire.sends())
    close()
    assert keep()
    walk_to_the_end(clock)
    waiting.refresh_from_db()
    assert (waiting.status, len(wire.sends())) == ("cancelled", sent)


def test_a_test_that_has_not_left_is_taken_back(ada, wire, clock, close):
    ada.user.phone = "+15125550199"
    ada.user.save()
    made = trial.make(make_campaign(ada), ada.user, clock())
    close()
    walk_to_the_end(clock)
    made.refresh_from_db()
    assert (made.status, wire.sends()) == ("cancelled", [])


def test_what_somebody_starts_all_the_same_is_paused_by_the_clock(ada, campaign, wire, clock, close):
    close()
    Campaign.objects.update(state=status.Campaign.RUNNING)
    closing.work(clock)
    assert Campaign.objects.get().state == status.Campaign.PAUSED


def test_nothing_lets_a_closed_account_send_again_but_keeping_it(ada, campaign, wire, clock, close):
    """A key that works again, or a command: neither knows of it."""
    close()
    Organization.objects.get().resume()
    steering.resume(campaign, ada.user)
    walk_to_the_end(clock)
    assert wire.sends() == []


def test_who_changes_their_mind_has_all_of_it_back_and_goes_on_by_hand(ada, campaign, wire, clock, close, keep):
    close()
    clock.go(days=6, hours=23)
    assert keep()
    walk_to_the_end(clock)
    assert wire.sends() == []
    steering.resume(campaign, ada.user)
    clock.go(hours=1)  # the same noon, a week later
    walk_to_the_end(clock)
    assert len(wire.sends()) == 2
    assert acts() == ["close organization", "keep organization"]


def test_after_its_last_day_it_is_too_late(ada, clock, close, keep):
    close()
    clock.go(days=7)
    assert not keep()
    assert acts() == ["close organization"]


def test_where_nothing_is_closed_nothing_is_to_be_kept(ada, campaign, clock, keep):
    assert not keep()
    campaign.refresh_from_db()
    assert (campaign.state, acts()) == (status.Campaign.RUNNING, [])


@pytest.mark.django_db(transaction=True)
def test_two_who_close_at_once_close_once(transactional_db, ada, clock, close):
    assert sorted(at_once([close, close])) == [False, True]
    assert acts() == ["close organization"]
    assert Organization.objects.get().closes_at == clock() + timedelta(days=7)


# --- other ways in --------------------------------------------------------------------------------------------------


def test_no_token_no_invitation_and_no_front_desk_opens_anything_until_it_is_kept(ada, clock, close, keep):
    _, words = ApiToken.make(ada.organization, "Till", [], ada.user)
    _, token = Invitation.make(ada.organization, "viewer", ada.user, now=clock())
    _, cookie = FrontDesk.make(ada.business, "Counter", ada.user)

    def doors():
        return [ApiToken.find(words), Invitation.find(token, clock()), FrontDesk.find(cookie)]

    assert all(doors())
    close()
    assert doors() == [None, None, None]
    keep()
    assert all(doors())


def test_who_holds_an_invitation_already_does_not_come_in_either(ada, rival, clock, close):
    invitation, _ = Invitation.make(ada.organization, "viewer", ada.user, now=clock())
    close()
    with pytest.raises(members.Refused, match="being closed"):
        members.accept(invitation, rival.user, clock())
    assert not ada.organization.memberships.filter(user=rival.user).exists()


def test_programs_outside_are_told_nothing(ada, clock, close):
    hook = outgoing.add(ada.organization, "http://127.0.0.1:9/hook", ["customer.stopped"], ada.user)
    outgoing.of_customers(outgoing.Event.STOPPED, [make_customer(ada.business)], clock())
    close()
    assert outgoing.run(clock, hands=0) == 0
    assert WebhookCall.objects.get(endpoint=hook).tries == 0
