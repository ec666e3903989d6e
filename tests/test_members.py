"""Many at once: one invitation makes one member, an owner stays, and a PIN is tried no more often than it may be."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import front_desk, members
from campaigns.models import AuditEntry, Invitation, Membership, User
from campaigns.roles import Role
from tests.cast import Ada, at_once

pytestmark = pytest.mark.django_db(transaction=True)

PIN = "83512"


def make_member(ada: Ada, role: str) -> Membership:
    user = User.objects.create_user("dana@example.com", "correct horse battery", first_name="Dana")
    return Membership.objects.create(user=user, organization=ada.organization, role=role)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def test_of_fifty_who_accept_at_once_one_becomes_a_member(ada, clock):
    """S19: fifty people with the same link."""
    made, _ = Invitation.make(ada.organization, "sender", ada.user)
    people = [User.objects.create(email=f"n{number}@example.com") for number in range(50)]
    done = at_once([lambda user=user: members.accept(made, user, clock()) for user in people])
    assert sum(isinstance(each, Membership) for each in done) == 1
    assert {type(each) for each in done} == {Membership, members.Refused}
    assert ada.organization.memberships.count() == 2


def test_of_fifty_clicks_of_one_person_one_makes_a_member(ada, clock):
    """S19: one person with a stuck key."""
    dana = User.objects.create(email="dana@example.com")
    browsers = [signed_in(dana) for _ in range(50)]
    link = Invitation.make(ada.organization, "sender", ada.user)[1]
    for browser in browsers:
        browser.get(f"/join/{link}/")
    done = at_once([lambda browser=browser: browser.post(reverse("join")).status_code for browser in browsers])
    assert set(done) <= {302, 410}
    assert Membership.objects.filter(user=dana).count() == 1
    assert Invitation.objects.get().accepted_by == dana


@pytest.mark.parametrize("act", ["lower", "remove"])
def test_two_owners_who_let_each_other_go_at_once_leave_one(ada, act):
    other, mine = make_member(ada, "owner"), Membership.objects.get(user=ada.user)
    pairs = [(mine, other), (other, mine)]
    if act == "lower":
        at_once([lambda a=a, b=b: members.change_role(a, Role.VIEWER, b) for a, b in pairs])
    else:
        at_once([lambda a=a, b=b: members.remove(a, b) for a, b in pairs])
    assert ada.organization.memberships.filter(role="owner").count() == 1


def test_forty_tries_at_once_are_no_more_than_five(ada, clock):
    dana = make_member(ada, "sender")
    front_desk.keep_pin(dana, PIN)
    desk, _ = front_desk.mark(ada.business, "Tablet", ada.user)
    pins = [f"{number:05d}" for number in range(40)]

    def one(pin):
        return front_desk.unlock(desk, Membership.objects.get(pk=dana.pk), pin, clock())

    at_once([lambda pin=pin: one(pin) for pin in pins])
    assert AuditEntry.objects.filter(act="wrong PIN").count() == front_desk.MOST_OF_A_MEMBER
