"""People: invited, coming in, given other roles, let go; an organization is never without an owner."""

import logging
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from campaigns import limits, members, tasks
from campaigns.models import ApiToken, AuditEntry, Business, Invitation, Membership, User
from tests.cast import Ada

PEOPLE, JOIN = reverse("people"), reverse("join")
GOOD = "seven green kettles sing"


@pytest.fixture(autouse=True)
def post_office(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def make_member(ada: Ada, role: str, name: str = "Dana") -> Membership:
    user = User.objects.create_user(f"{name.lower()}@example.com", "correct horse battery", first_name=name)
    return Membership.objects.create(user=user, organization=ada.organization, role=role)


def invite(client: Client, **given: str) -> str:
    """The address of the link on the answer."""
    answer = client.post(PEOPLE, {"role": "sender", "how": "link"} | given)
    return re.search(r"http[^<]+(/join/[\w-]+/)", answer.content.decode())[1]


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


# --- inviting -------------------------------------------------------------------------------------------------------


def test_a_link_is_shown_once_and_only_its_hash_is_kept(desk, ada):
    link = invite(desk)
    token = link.split("/")[2]
    assert len(token) >= 43  # 256 bits
    kept = Invitation.objects.get()
    assert token not in str(Invitation.objects.values().get())
    assert (kept.role, kept.made_by, kept.expires_at - kept.created_at) == ("sender", ada.user, timedelta(days=7))
    assert token not in desk.get(PEOPLE).content.decode()


def test_an_invitation_goes_by_mail_and_the_page_does_not_show_the_link(desk, ada):
    answer = desk.post(PEOPLE, {"role": "viewer", "how": "mail", "email": "Dana@Example.com"}, follow=True)
    [sent] = mail.outbox
    assert sent.to == ["dana@example.com"]
    assert "Ada's Bakery invites you" in sent.subject
    token = re.search(r"/join/([\w-]+)/", sent.body)[1]
    assert token not in text(answer)
    assert "an e-mail is on its way to dana@example.com" in text(answer)


def test_where_no_mail_leaves_the_link_is_there_to_hand_over(desk, ada, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "django.core.mail.backends.smtp.EmailBackend",
        "127.0.0.1",
        9,
    )
    answer = desk.post(PEOPLE, {"role": "viewer", "how": "mail", "email": "dana@example.com"})
    assert "The e-mail could not be sent." in text(answer)
    assert "/join/" in text(answer)


def test_an_address_with_a_line_break_writes_no_header(desk, ada):
    ada.organization.name = "Ada\nBcc: all@example.com"
    ada.organization.save()
    desk.post(PEOPLE, {"role": "viewer", "how": "mail", "email": "dana@example.com"})
    assert mail.outbox[0].subject == "Ada Bcc: all@example.com invites you to Goodword"


def test_a_mail_without_an_address_is_asked_about(desk):
    answer = desk.post(PEOPLE, {"role": "viewer", "how": "mail"})
    assert answer.status_code == 422
    assert "Say where the e-mail should go" in text(answer)
    assert not Invitation.objects.exists()


def test_nobody_invites_above_their_own_role(ada, client):
    client.force_login(make_member(ada, "manager").user)
    assert client.post(PEOPLE, {"role": "owner", "how": "link"}).status_code == 422
    assert not Invitation.objects.exists()


def test_more_than_twenty_an_hour_are_too_many(desk, clock, monkeypatch):
    """S55."""
    monkeypatch.setitem(limits.LIMITS, "invite", limits.Limit(2, 3600, "2 invitations an hour"))
    answers = [desk.post(PEOPLE, {"role": "viewer", "how": "link"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert Invitation.objects.count() == 2
    assert desk.get(PEOPLE).status_code == 200


def test_the_token_is_in_no_log(desk, client, caplog):
    with caplog.at_level(logging.DEBUG):
        link = invite(desk)
        client.logout()
        client.get(link, follow=True)
    assert link.split("/")[2] not in caplog.text


# --- coming in ------------------------------------------------------------------------------------------------------


def test_somebody_with_an_account_joins_with_one_button(desk, ada):
    link, dana = invite(desk), User.objects.create_user("dana@example.com", GOOD)
    browser = signed_in(dana)
    assert "Join" in text(browser.get(link, follow=True))
    answer = browser.post(JOIN, follow=True)
    assert "Welcome to Ada&#x27;s Bakery" in text(answer)
    assert Membership.objects.get(user=dana).role == "sender"
    assert AuditEntry.objects.filter(act="join", by=dana).exists()


def test_opening_the_link_changes_nothing(desk, ada):
    """Previews of messages open every link."""
    link = invite(desk)
    for _ in range(3):
        assert Client().get(link).status_code == 302
    assert Membership.objects.count() == 1
    assert Invitation.objects.get().accepted_at is None


def test_the_token_is_not_in_the_address_one_comes_back_to(desk, client):
    link = invite(desk)
    client.logout()
    answer = client.get(link, follow=True)
    assert answer.redirect_chain == [(JOIN, 302)]
    assert link.split("/")[2] not in text(answer)


def test_somebody_new_makes_an_account_signs_in_and_joins(desk, client):
    link = invite(desk)
    client.logout()
    client.get(link)
    answer = client.post(JOIN, {"email": "New@Example.com", "passphrase": GOOD})
    assert answer["Location"] == f"{reverse('sign_in')}?next=%2Fjoin%2F"
    assert not Membership.objects.filter(user__email="new@example.com").exists()
    User.objects.get(email="new@example.com")
    browser = signed_in(User.objects.get(email="new@example.com"))
    browser.get(link)
    browser.post(JOIN)
    assert Membership.objects.get(user__email="new@example.com").role == "sender"


def test_the_whole_way_through_the_front_door(desk, client):
    link = invite(desk)
    client.logout()
    client.get(link)
    to = client.post(JOIN, {"email": "new@example.com", "passphrase": GOOD})["Location"]
    answer = client.post(to, {"email": "new@example.com", "passphrase": GOOD, "next": JOIN}, follow=True)
    assert answer.redirect_chain[-1][0] == JOIN
    assert "Welcome to" in text(client.post(JOIN, follow=True))


def test_a_weak_passphrase_is_told_so_and_makes_no_account(desk):
    link, browser = invite(desk), Client()
    browser.get(link)
    for weak in ("short", "password1234", "sunshine-2026!", "new@example.com"):
        assert browser.post(JOIN, {"email": "new@example.com", "passphrase": weak}).status_code == 422
    assert not User.objects.filter(email="new@example.com").exists()


def test_nobody_learns_whether_an_address_has_an_account(desk, ada):
    """S4: a known and an unknown address are answered alike, and the known one's passphrase stays."""
    known = User.objects.create_user("known@example.com", "the old passphrase")
    link, answers = invite(desk), []
    for email in ("known@example.com", "unknown@example.com", "KNOWN@example.com"):
        browser = Client()
        browser.get(link)
        answer = browser.post(JOIN, {"email": email, "passphrase": GOOD}, follow=True)
        answers.append(re.sub(r'value="\w{64}"', "", text(answer)))
    assert len(set(answers)) == 1
    known.refresh_from_db()
    assert known.check_password("the old passphrase")
    assert User.objects.filter(email__iexact="known@example.com").count() == 1


def test_an_invitation_for_an_address_makes_an_account_for_no_other(desk, client):
    desk.post(PEOPLE, {"role": "viewer", "how": "mail", "email": "dana@example.com"})
    link = re.search(r"/join/[\w-]+/", mail.outbox[0].body)[0]
    client.logout()
    client.get(link)
    client.post(JOIN, {"email": "mallory@example.com", "passphrase": GOOD})
    assert User.objects.filter(email="dana@example.com").exists()
    assert not User.objects.filter(email="mallory@example.com").exists()


def test_one_link_makes_only_a_few_accounts(desk, client):
    link = invite(desk)
    client.logout()
    client.get(link)
    for number in range(members.MOST_ACCOUNTS + 3):
        client.post(JOIN, {"email": f"n{number}@example.com", "passphrase": GOOD})
    assert User.objects.filter(email__startswith="n").count() == members.MOST_ACCOUNTS


@pytest.mark.parametrize("how", ["used", "withdrawn", "old", "unknown"])
def test_a_link_that_is_over_says_so_and_nothing_else(desk, ada, clock, how):
    """One answer for each of them (S34)."""
    link, dana = invite(desk), User.objects.create_user("dana@example.com", GOOD)
    if how == "used":
        members.accept(Invitation.objects.get(), User.objects.create_user("a@example.com", GOOD), clock())
    elif how == "withdrawn":
        desk.post(reverse("invitation_withdraw", args=[Invitation.objects.get().pk]))
    elif how == "old":
        clock.go(days=7, seconds=1)
    else:
        link = f"/join/{'x' * 43}/"
    browser = signed_in(dana)
    answer = browser.get(link)
    assert answer.status_code == 410
    assert "This invitation is over." in text(answer)
    assert "Bakery" not in text(answer)
    assert browser.post(JOIN).status_code == 410
    assert not Membership.objects.filter(user=dana).exists()


def test_an_address_is_not_kept_for_long_after_its_invitation(desk, ada, clock):
    desk.post(PEOPLE, {"role": "viewer", "how": "mail", "email": "dana@example.com"})
    clock.go(days=36)
    tasks.forget_programs()
    assert Invitation.objects.exists()
    clock.go(days=2)
    tasks.forget_programs()
    assert not Invitation.objects.exists()


def test_a_page_that_was_open_when_it_was_withdrawn_lets_nobody_in(desk, ada):
    link, dana = invite(desk), User.objects.create_user("dana@example.com", GOOD)
    browser = signed_in(dana)
    browser.get(link)
    desk.post(reverse("invitation_withdraw", args=[Invitation.objects.get().pk]))
    assert browser.post(JOIN).status_code == 410
    assert not Membership.objects.filter(user=dana).exists()


def test_who_belongs_to_it_already_does_not_use_it_up(desk, ada):
    desk.get(invite(desk))
    assert "You belong to it already." in text(desk.post(JOIN, follow=True))
    assert Invitation.objects.get().accepted_at is None


# --- roles and letting go -------------------------------------------------------------------------------------------


def role_of(member: Membership) -> str:
    member.refresh_from_db()
    return member.role


def give(client: Client, member: Membership, role: str):
    return client.post(reverse("person_role", args=[member.pk]), {"role": role}, follow=True)


def remove(client: Client, member: Membership):
    return client.post(reverse("person_remove", args=[member.pk]), follow=True)


def test_another_role_holds_at_their_next_click_and_is_written_down(desk, ada):
    dana = make_member(ada, "viewer")
    hers = signed_in(dana.user)
    assert hers.get(reverse("campaign_new")).status_code == 403
    assert "Dana is a sender now" in text(give(desk, dana, "sender"))
    assert hers.get(reverse("campaign_new")).status_code == 200
    assert AuditEntry.objects.filter(act="change role", words="Viewer to Sender", by=ada.user).exists()


def test_who_was_removed_sees_nothing_at_the_next_click(desk, ada):
    dana = make_member(ada, "sender")
    hers = signed_in(dana.user)
    assert hers.get("/").status_code == 200
    remove(desk, dana)
    assert hers.get("/").status_code == 403
    assert AuditEntry.objects.filter(act="remove member", by=ada.user).exists()


def test_who_removes_somebody_hears_of_the_tokens_they_made(desk, ada):
    """They belong to the account, and programs go on working; somebody may want to revoke them."""
    dana = make_member(ada, "manager")
    ApiToken.make(ada.organization, "Till", ["customers:read"], dana.user)
    assert "One token they made for other programs still open." in text(remove(desk, dana))


@pytest.mark.parametrize("role", ["manager", "sender", "viewer"])
def test_the_last_owner_is_neither_lowered_nor_removed(desk, ada, role):
    mine = Membership.objects.get(user=ada.user)
    assert "This is the last owner." in text(give(desk, mine, role))
    assert "This is the last owner." in text(remove(desk, mine))
    assert role_of(mine) == "owner"


def test_an_owner_who_cannot_sign_in_is_no_owner(desk, ada):
    other = make_member(ada, "owner")
    User.objects.filter(pk=other.user_id).update(is_active=False)
    assert "This is the last owner." in text(give(desk, Membership.objects.get(user=ada.user), "viewer"))


def test_with_another_owner_one_may_go(desk, ada):
    make_member(ada, "owner")
    remove(desk, Membership.objects.get(user=ada.user))
    assert not Membership.objects.filter(user=ada.user).exists()


@pytest.mark.parametrize("act", [give, remove])
def test_a_manager_touches_no_owner(ada, client, act):
    client.force_login(make_member(ada, "manager").user)
    mine = Membership.objects.get(user=ada.user)
    answer = act(client, mine, "viewer") if act is give else act(client, mine)
    assert "Their role is above yours." in text(answer)
    assert role_of(mine) == "owner"


def test_a_manager_makes_nobody_an_owner(ada, client):
    client.force_login(make_member(ada, "manager").user)
    dana = make_member(ada, "sender", "Eve")
    assert "You can give roles up to your own." in text(give(client, dana, "owner"))
    assert role_of(dana) == "sender"


def test_a_role_that_there_is_not_is_given_to_nobody(desk, ada):
    dana = make_member(ada, "sender")
    give(desk, dana, "emperor")
    assert role_of(dana) == "sender"


# --- some locations only --------------------------------------------------------------------------------------------


@pytest.fixture
def cafe(ada) -> Business:
    return Business.objects.create(organization=ada.organization, name="Café", slug="cafe", sender="Ada")


def limit(client: Client, member: Membership, *locations: Business):
    given = {"locations": [each.pk for each in locations]}
    return client.post(reverse("person_locations", args=[member.pk]), given, follow=True)


def test_somebody_may_see_some_locations_only(desk, ada, cafe):
    dana = make_member(ada, "manager")
    hers = signed_in(dana.user)
    limit(desk, dana, cafe)
    assert "Ada&#x27;s Bakery" not in text(hers.get(reverse("customers"))).replace(" <bdi>Ada&#x27;s Bakery</bdi>", "")
    assert hers.post(reverse("switch_business"), {"business": ada.business.pk}).status_code == 404
    limit(desk, dana)
    assert hers.post(reverse("switch_business"), {"business": ada.business.pk}).status_code == 302


def test_an_owner_sees_every_location(desk, ada, cafe):
    other = make_member(ada, "owner")
    assert "An owner sees every location." in text(limit(desk, other, cafe))
    assert not other.locations.exists()


def test_who_becomes_an_owner_sees_every_location(desk, ada, cafe):
    dana = make_member(ada, "manager")
    limit(desk, dana, cafe)
    give(desk, dana, "owner")
    assert not dana.locations.exists()


def test_anothers_location_cannot_be_given(desk, ada, rival):
    dana = make_member(ada, "manager")
    assert limit(desk, dana, rival.business).status_code == 422
    assert not dana.locations.exists()


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_list_costs_the_same_for_three_and_for_thirty(desk, ada, cafe, django_assert_max_num_queries):
    for number in range(30):
        make_member(ada, "sender", f"N{number}").locations.set([cafe])
    with django_assert_max_num_queries(16):
        page = text(desk.get(PEOPLE))
    assert "31 people" in page
