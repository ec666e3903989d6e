"""A shared front desk: marked by a manager, unlocked with a PIN, for the daily work alone, and locked again."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import front_desk
from campaigns.models import AuditEntry, Business, FrontDesk, Membership, User
from campaigns.web.tenancy import DESK_COOKIE
from tests.cast import Ada, make_customer

SCREEN, PIN = reverse("front_desk"), "83512"


def make_member(ada: Ada, name: str = "Dana", role: str = "sender", pin: str = PIN) -> Membership:
    user = User.objects.create_user(f"{name.lower()}@example.com", "correct horse battery", first_name=name)
    member = Membership.objects.create(user=user, organization=ada.organization, role=role)
    if pin:
        front_desk.keep_pin(member, pin)
    return member


@pytest.fixture
def dana(ada) -> Membership:
    return make_member(ada)


@pytest.fixture
def tablet(desk, dana) -> Client:
    """Ada has marked it; it asks for a PIN."""
    assert desk.post(reverse("front_desks"), {"name": "Tablet at the counter"})["Location"] == SCREEN
    return desk


def unlock(tablet: Client, member: Membership, pin: str = PIN, to: str = ""):
    return tablet.post(SCREEN, {"member": member.pk, "pin": pin, "next": to})


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


# --- marking --------------------------------------------------------------------------------------------------------


def test_who_marks_a_device_is_signed_out_of_it(tablet, ada):
    assert "Dana" in text(tablet.get(SCREEN))
    assert tablet.get("/")["Location"] == f"{SCREEN}?next=/"
    assert AuditEntry.objects.get(act="mark front desk").by == ada.user


def test_the_device_keeps_a_signed_secret_and_we_its_hash(tablet):
    kept = tablet.cookies[DESK_COOKIE]
    assert (kept["httponly"], kept["samesite"]) == (True, "Lax")
    assert kept.value.split(":")[0] not in str(FrontDesk.objects.values().get())


def test_a_sender_marks_nothing(client, dana):
    client.force_login(dana.user)
    assert client.post(reverse("front_desks"), {"name": "Mine"}).status_code == 403
    assert not FrontDesk.objects.exists()


def test_a_device_like_any_other_asks_for_no_pin(client, ada, dana):
    assert client.get(SCREEN)["Location"] == reverse("sign_in")
    assert unlock(client, dana)["Location"] == reverse("sign_in")
    assert client.get("/")["Location"].startswith(reverse("sign_in"))


def test_a_forged_device_is_none(client, ada, dana):
    client.cookies[DESK_COOKIE] = "x" * 43 + ":forged:signature"
    assert unlock(client, dana)["Location"] == reverse("sign_in")


def test_an_ended_front_desk_is_locked_at_the_next_click(tablet, ada, dana):
    unlock(tablet, dana)
    assert tablet.get("/").status_code == 200
    elsewhere = Client()
    elsewhere.force_login(ada.user)
    elsewhere.post(reverse("front_desk_end", args=[FrontDesk.objects.get().pk]))
    assert tablet.get("/")["Location"].startswith(reverse("sign_in"))


# --- unlocking ------------------------------------------------------------------------------------------------------


def test_with_their_pin_somebody_acts_as_themselves(tablet, ada, dana):
    assert unlock(tablet, dana)["Location"] == "/"
    person = make_customer(ada.business)
    tablet.post(reverse("customer_stop", args=[person.pk]))
    assert AuditEntry.objects.get(act="stop").by == dana.user
    assert AuditEntry.objects.get(act="unlock front desk").by == dana.user


def test_they_have_their_own_role(tablet, ada):
    viewer = make_member(ada, "Vic", "viewer", "90817")
    unlock(tablet, viewer, "90817")
    assert tablet.get(reverse("campaign_new")).status_code == 403


def test_even_an_owner_changes_no_settings_with_a_pin(tablet, ada):
    front_desk.keep_pin(Membership.objects.get(user=ada.user), "90817")
    unlock(tablet, Membership.objects.get(user=ada.user), "90817")
    for name in ("settings", "people", "own_pin", "front_desks", "customers_csv", "api_tokens", "system"):
        assert tablet.get(reverse(name)).status_code == 403, name
    page = text(tablet.get("/"))
    assert f'href="{reverse("settings")}"' not in page
    assert reverse("front_desk_lock") in page


def test_another_pin_or_nobody_chosen_stays_locked(tablet, ada, dana):
    assert "That is not their PIN." in text(unlock(tablet, dana, "83513"))
    assert tablet.post(SCREEN, {"pin": PIN}).status_code == 422
    assert tablet.get("/").status_code == 302


def test_somebody_without_a_pin_is_not_on_the_screen_and_gets_in_with_none(tablet, ada):
    nobody = make_member(ada, "Nora", pin="")
    assert "Nora" not in text(tablet.get(SCREEN))
    assert unlock(tablet, nobody, "").status_code == 422
    assert unlock(tablet, nobody, "0000").status_code == 422


def test_a_member_of_another_account_gets_in_nowhere(tablet, rival):
    other = Membership.objects.get(user=rival.user)
    front_desk.keep_pin(other, PIN)
    assert unlock(tablet, other).status_code == 422


def test_somebody_of_another_location_is_not_on_the_screen(tablet, ada, dana):
    dana.locations.set([Business.objects.create(organization=ada.organization, name="Café", slug="cafe", sender="A")])
    assert "Dana" not in text(tablet.get(SCREEN))
    assert unlock(tablet, dana).status_code == 422


def test_who_was_removed_is_out_at_the_next_click(tablet, dana):
    unlock(tablet, dana)
    dana.delete()
    assert tablet.get("/")["Location"].startswith(SCREEN)


def test_one_goes_on_where_one_wanted_to_go_and_nowhere_outside(tablet, dana):
    assert unlock(tablet, dana, to="/customers/")["Location"] == "/customers/"
    assert unlock(tablet, dana, to="https://example.com/")["Location"] == "/"


def test_nothing_of_the_one_before_is_left_for_the_next(tablet, ada, dana):
    second = Business.objects.create(organization=ada.organization, name="Café", slug="cafe", sender="Ada")
    unlock(tablet, dana)
    tablet.post(reverse("switch_business"), {"business": second.pk})
    before = tablet.session.session_key
    eve = make_member(ada, "Eve", pin="90817")
    unlock(tablet, eve, "90817")
    assert tablet.session.session_key != before
    assert "You are looking at" not in text(tablet.get("/"))
    assert "business" not in tablet.session


def test_a_session_that_moves_to_another_device_is_none(tablet, dana):
    unlock(tablet, dana)
    thief = Client()
    thief.cookies["session"] = tablet.cookies["session"].value
    assert thief.get("/")["Location"].startswith(reverse("sign_in"))


def test_a_pin_session_knows_no_account_pages(tablet, dana):
    """Whoever has unlocked is not signed in: what is about accounts does not know them."""
    unlock(tablet, dana)
    assert "_auth_user_id" not in tablet.session


# --- wrong ones -----------------------------------------------------------------------------------------------------


def test_after_five_wrong_ones_the_right_one_opens_nothing_either(tablet, dana):
    for _ in range(front_desk.MOST_OF_A_MEMBER):
        unlock(tablet, dana, "11223")
    assert "wrong too often" in text(unlock(tablet, dana))
    assert tablet.get("/").status_code == 302


def test_a_new_pin_helps(tablet, dana):
    for _ in range(front_desk.MOST_OF_A_MEMBER):
        unlock(tablet, dana, "11223")
    front_desk.keep_pin(dana, "90817")
    assert unlock(tablet, dana, "90817").status_code == 302


def test_a_right_one_in_between_begins_the_count_anew(tablet, dana):
    for _ in range(4):
        for _ in range(front_desk.MOST_OF_A_MEMBER - 1):
            unlock(tablet, dana, "11223")
        assert unlock(tablet, dana).status_code == 302


def test_who_tries_one_after_another_ends_the_device(tablet, ada):
    people = [make_member(ada, f"N{number}") for number in range(8)]
    for member in people:
        for _ in range(front_desk.MOST_OF_A_MEMBER - 1):
            last = unlock(tablet, member, "11223")
    assert last["Location"] == reverse("sign_in")
    desk = FrontDesk.objects.get()
    assert (bool(desk.ended_at), desk.ended_why) == (True, "PINs were wrong too often")
    assert unlock(tablet, people[-1])["Location"] == reverse("sign_in")


@pytest.mark.parametrize("pin", ["1234", "0000", "9876", "1990", "2024", "2580", "7777777", "123123", "8901", "1212"])
def test_pins_that_are_tried_first_are_refused(pin):
    assert front_desk.weakness(pin)


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "", "１２３９", "12 4", "-123"])
def test_what_is_no_pin_is_refused(pin):
    assert "four to eight digits" in front_desk.weakness(pin)


@pytest.mark.parametrize("pin", ["8351", "83512", "40917263"])
def test_others_are_kept_as_a_hash(dana, pin):
    front_desk.keep_pin(dana, pin)
    assert pin not in str(Membership.objects.filter(pk=dana.pk).values().get()["pin"].split("$")[-1])


def test_one_sets_ones_own_pin_and_drops_it(desk, ada):
    at = reverse("own_pin")
    assert desk.post(at, {"pin": "1234", "again": "1234"}).status_code == 422
    assert desk.post(at, {"pin": PIN, "again": "83513"}).status_code == 422
    assert desk.post(at, {"pin": PIN, "again": PIN}).status_code == 302
    assert Membership.objects.get(user=ada.user).pin
    desk.post(at, {"drop": "yes"})
    assert not Membership.objects.get(user=ada.user).pin


# --- locking --------------------------------------------------------------------------------------------------------


def test_it_locks_itself_when_nobody_touches_it_for_ten_minutes(tablet, dana, clock):
    unlock(tablet, dana)
    for _ in range(3):
        clock.go(minutes=9)
        assert tablet.get("/").status_code == 200
    clock.go(minutes=10)
    assert tablet.get("/customers/")["Location"] == f"{SCREEN}?next=/customers/"


def test_a_page_that_asks_by_itself_touches_nothing(tablet, dana, clock):
    unlock(tablet, dana)
    for _ in range(9):
        clock.go(minutes=1)
        assert tablet.get(reverse("inbox_unread"), headers={"HX-Request": "true"}).status_code == 200
    clock.go(minutes=1)
    answer = tablet.get(reverse("inbox_unread"), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == SCREEN


def test_a_clock_that_went_back_locks_it(tablet, dana, clock):
    unlock(tablet, dana)
    clock.go(minutes=-5)
    assert tablet.get("/")["Location"].startswith(SCREEN)


def test_the_lock_button_locks_it(tablet, dana):
    unlock(tablet, dana)
    answer = tablet.post(reverse("front_desk_lock"))
    assert (answer["Location"], answer["Clear-Site-Data"]) == (SCREEN, '"cache"')
    assert tablet.get("/")["Location"].startswith(SCREEN)


def test_who_signs_in_with_a_passphrase_there_may_do_everything(tablet, ada):
    tablet.post(reverse("sign_in"), {"email": ada.user.email, "passphrase": "correct horse battery"})
    assert tablet.get(reverse("settings")).status_code == 200
