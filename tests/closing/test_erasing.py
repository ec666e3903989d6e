"""When its last day has come, nothing of an organization is left: no row, no file, no word; all others stay whole."""

import logging
import os
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from campaigns import closing, connecting, connection, tallies
from campaigns.closing import erasing, places
from campaigns.models import (
    Card,
    Closing,
    Customer,
    Errand,
    Membership,
    Message,
    Organization,
    RecoveryCode,
    SignInLink,
    User,
    photo_path,
    picture_path,
)
from tests.cast import RIVAL_LINE, Killed, give_secret, killed_at, make_customer, walk_to_the_end
from tests.isolation.lives import CANARY, DIGITS, two_lives
from tests.isolation.ownership import crossings, rows_of
from tests.person.canaries import in_the_files, in_the_rows
from tests.test_webhooks import WEBHOOK_SECRET, knock

#: What of the one that is closed must not be found anywhere.
WORDS = (CANARY, CANARY.lower(), f"{DIGITS}2", f"{DIGITS}0", "charlies-cakes", "Charlie", RIVAL_LINE.removeprefix("+1"))


def close(owner, clock):
    """It was closed, and its last day has come."""
    closing.close(owner.organization, owner.user, clock())
    clock.go(days=7, minutes=1)


def grow_old():
    """No file is young any more."""
    for folder in ("photos", "logos", "pictures"):
        for path in Path(settings.DATA_DIR, folder).glob("*"):
            os.utime(path, (0, 0))


def files(word=""):
    folders = [Path(settings.DATA_DIR, name) for name in ("photos", "logos", "pictures", "imports")]
    return {path.name for folder in folders for path in folder.glob("*") if word in path.name}


def gone(owner):
    return not Organization.objects.filter(pk=owner.organization.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_of_it_is_left_in_any_row_or_raw_file_and_the_other_is_whole(
    transactional_db, ada, rival, sandbox, clock, caplog
):
    """S62.  Subscription at Chert, secrets, pictures, photos, logos, people and their keys; one line in the log."""
    two_lives(ada, rival, sandbox, clock)
    for owner in (ada, rival):
        connecting.connect(Organization.objects.get(pk=owner.organization.pk))
    kept = Organization.objects.filter(pk=rival.organization.pk).values_list("chert_secret", "webhook_secret").get()
    words = (*WORDS, *map(str, kept))
    tallies.count(tallies.LOST_LEASES, rival.organization.pk, clock())
    before, drawn = rows_of(ada.organization), pictures_of(ada)
    assert len(in_the_rows(words)) > 30
    assert (drawn, pictures_of(rival), files(CANARY)) != (set(), set(), set())
    close(rival, clock)
    grow_old()
    theirs_drawn = pictures_of(rival)
    with caplog.at_level(logging.INFO, "campaigns.closing.erasing"):
        closing.work(clock)
    assert in_the_rows(words) == in_the_files(words) == set()
    assert (files(CANARY), theirs_drawn & files()) == (set(), set())
    assert drawn <= files()
    assert rows_of(ada.organization) == before
    assert crossings() == []
    assert (Closing.objects.count(), tallies.last_day(tallies.LOST_LEASES, rival.organization.pk, clock())) == (0, 0)
    assert subscriptions(ada) == [connecting.webhook_url(ada.organization)]
    assert subscriptions(rival) == []
    [line] = [record.getMessage() for record in caplog.records if "nothing of it is left" in record.getMessage()]
    assert f"organization {rival.organization.pk} is closed" in line
    assert " 1 Organization" in line
    assert not any(word in caplog.text for word in WORDS)


def pictures_of(owner):
    mine = Message._base_manager.filter(organization=owner.organization).exclude(picture="")
    return {name for name in mine.values_list("picture", flat=True) if picture_path(name).exists()}


def subscriptions(owner):
    """As Chert itself has them."""
    return [each.url for each in connection.client(owner.organization).subscriptions()]


def small_life(owner, clock, people=4):
    for number in range(people):
        make_customer(owner.business, 100 + number)
    closing.close(owner.organization, owner.user, clock())
    clock.go(days=7, minutes=1)


def test_before_its_last_day_nothing_is_erased(ada, campaign, clock):
    closing.close(ada.organization, ada.user, clock())
    clock.go(days=6, hours=23)
    closing.work(clock)
    assert Customer.objects.exists()
    assert not Closing.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_rows_go_a_few_at_a_time_and_the_clock_goes_on_where_it_stopped(
    transactional_db, ada, clock, monkeypatch, caplog
):
    caplog.set_level(logging.INFO, "campaigns.closing.erasing")
    monkeypatch.setattr(erasing, "PART", 2)
    monkeypatch.setattr(erasing, "SLICE", -1.0)
    small_life(ada, clock, people=9)
    left = []
    while not gone(ada):
        closing.work(clock)
        left.append(Customer.objects.count())
    assert left[:3] == [7, 5, 3]
    assert " 9 Customer," in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("nth", [3, 12, 40, 90, 150])
def test_killed_in_the_middle_the_next_one_goes_on(transactional_db, ada, rival, campaign, clock, nth):
    kept = make_customer(rival.business)
    walk_to_the_end(clock)
    small_life(ada, clock)
    with suppress(Killed), killed_at(nth):
        closing.work(clock)
    for _ in range(2):
        closing.work(clock)
    assert (gone(ada), Closing.objects.count(), Customer.objects.get()) == (True, 0, kept)
    assert User.objects.get() == rival.user


def test_one_that_fails_holds_up_no_other_and_is_tried_again(ada, rival, clock, monkeypatch):
    small_life(ada, clock)
    closing.close(rival.organization, rival.user, clock())
    clock.go(days=8)
    rows_are_gone = erasing._rows_are_gone

    def fails(account, row):
        if account.pk == ada.organization.pk:
            raise ValueError("a row that nobody expected")
        return rows_are_gone(account, row)

    monkeypatch.setattr(erasing, "_rows_are_gone", fails)
    closing.work(clock)
    assert (gone(ada), gone(rival)) == (False, True)
    monkeypatch.undo()
    closing.work(clock)
    assert gone(ada)


# --- Chert ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def away(wire):
    """Chert is away; how often it was asked."""
    asked = []

    def refuses(request):
        asked.append(request.url.path)
        raise httpx.ConnectError("nobody there")

    wire.before = refuses
    return asked


def test_where_chert_is_away_the_rows_go_all_the_same_and_it_is_asked_again(ada, away, wire, clock):
    small_life(ada, clock)
    closing.work(clock)
    closing.work(clock)
    assert (Customer.objects.count(), gone(ada), len(away)) == (0, False, 1)
    wire.before = lambda request: None
    clock.go(hours=1)
    closing.work(clock)
    assert gone(ada)


def test_after_a_day_chert_is_asked_no_more_and_it_is_said(ada, away, clock, caplog):
    small_life(ada, clock)
    for _ in range(30):
        closing.work(clock)
        clock.go(hours=1)
    assert gone(ada)
    assert len(away) == 25
    assert "it was asked often enough" in caplog.text


def test_without_a_key_nobody_is_told(ada, wire, clock):
    Organization.objects.update(chert_secret="")
    small_life(ada, clock)
    closing.work(clock)
    assert (gone(ada), wire.requests) == (True, [])


def test_a_key_that_cannot_be_opened_any_more_keeps_nothing_here(ada, rival, clock):
    Organization.objects.filter(pk=ada.organization.pk).update(
        chert_secret=Organization.objects.get(pk=rival.organization.pk).__dict__["chert_secret"]
    )
    small_life(ada, clock)
    for _ in range(26):
        closing.work(clock)
        clock.go(hours=1)
    assert gone(ada)


def test_what_chert_tells_us_meanwhile_is_nobodys(ada, client, away, clock):
    give_secret(ada.organization, webhook_secret=WEBHOOK_SECRET)
    address = f"/webhooks/chert/{ada.organization.webhook_path}/"
    small_life(ada, clock)
    assert knock(client, address) == 200
    closing.work(clock)
    assert knock(client, address) == 404


# --- people ---------------------------------------------------------------------------------------------------------


def test_who_belongs_to_nothing_else_goes_with_all_that_opens_the_door(ada, rival, clock):
    browser = Client()
    browser.force_login(ada.user)
    for model, more in ((EmailAddress, {"email": ada.user.email}), (Authenticator, {"type": "totp", "data": {}})):
        model.objects.create(user=ada.user, **more)
    RecoveryCode.objects.create(user=ada.user, salt="x", code_hash="x")
    SignInLink.make(ada.user)
    Errand.objects.create(kind="notice", address=ada.user.email)
    small_life(ada, clock)
    closing.work(clock)
    assert User.objects.get() == rival.user
    opens = (EmailAddress, Authenticator, RecoveryCode, SignInLink, Errand, Session, UserSession)
    assert [model.__name__ for model in opens if model.objects.exists()] == []


def test_a_member_elsewhere_stays_signed_in_and_has_chosen_nothing_of_it(ada, rival, client, clock):
    Membership.objects.create(user=ada.user, organization=rival.organization, role="viewer")
    client.force_login(ada.user)
    client.post("/businesses/switch/", {"business": ada.business.pk})
    small_life(ada, clock)
    closing.work(clock)
    assert User.objects.filter(pk=ada.user.pk).exists()
    assert "business" not in client.session
    assert client.get("/").context["request"].business == rival.business


def test_whom_another_organizations_book_names_stays(ada, rival, clock):
    """It is whole and unchanged, though they are no member there any more."""
    rival.organization.audit.create(act="launch", by=ada.user)
    before = rows_of(rival.organization)
    small_life(ada, clock)
    closing.work(clock)
    assert rows_of(rival.organization) == before
    assert gone(ada)


def test_whoever_runs_the_installation_stays(ada, clock):
    User.objects.update(is_superuser=True)
    small_life(ada, clock)
    closing.work(clock)
    assert (gone(ada), User.objects.count()) == (True, 1)


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_another_has_too_stays_and_a_young_one_may_be_about_to_be_named(
    transactional_db, ada, rival, clock
):
    for name in ("shared.jpg", "only-adas.jpg"):
        photo_path(name).write_bytes(b"a photo")
    Card.objects.filter(business=ada.business).update(photo="only-adas.jpg")
    for owner in (ada, rival):
        Card.objects.create(business=owner.business, name="Shared", design={}, photo="shared.jpg")
    small_life(ada, clock)
    grow_old()
    photo_path("just-now.jpg").write_bytes(b"a photo")
    closing.work(clock)
    assert {"shared.jpg", "just-now.jpg"} <= files()
    assert "only-adas.jpg" not in files()
    photo_path("just-now.jpg").unlink()


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_no_row_names_any_more_goes_too(transactional_db, ada, rival, campaign, clock):
    picture_path("of-an-undone-start.jpg").parent.mkdir(exist_ok=True)
    picture_path("of-an-undone-start.jpg").write_bytes(b"Thanks, Grace!")
    grow_old()
    small_life(ada, clock)
    closing.work(clock)
    assert "of-an-undone-start.jpg" not in files()


# --- no table is forgotten ------------------------------------------------------------------------------------------

#: Tables that are nobody's, and those of people: what becomes of them, by name.
NO_ORGANIZATIONS = {
    "Closing": "the closing itself: numbers only, and the last to go",
    "ContentType": "names of tables",
    "EmailAddress": "of people: goes with them",
    "Authenticator": "of people",
    "UserSession": "of people",
    "RecoveryCode": "of people",
    "SignInLink": "of people",
    "User_groups": "of people; nobody is in a group",
    "User_user_permissions": "of people",
    "EmailConfirmation": "of people, by their address",
    "Errand": "by the address of whoever goes",
    "Group": "nobody makes one",
    "Group_permissions": "nobody makes one",
    "Permission": "names of tables",
    "Pulse": "how often this database was at work",
    "Session": "ends with its person, and forgets the location that was chosen",
    "User": "goes where nothing else names them",
}


def test_every_table_is_in_the_list_or_has_a_reason_not_to_be():
    """A new table with an organization in it is erased by itself; any other says here what becomes of it."""
    listed = {table.model.__name__ for table in places.tables()} | {model.__name__ for model in places.LAST}
    every = {model.__name__ for model in apps.get_models(include_auto_created=True)}
    assert every - listed == set(NO_ORGANIZATIONS)
    assert listed & set(NO_ORGANIZATIONS) == set()


def test_each_table_goes_before_those_its_rows_point_to():
    order = [table.model for table in places.tables()]
    late = [
        f"{model.__name__}.{key.name}"
        for place, model in enumerate(order)
        for key in places.keys_of(model)
        if key.related_model in order[:place]
    ]
    assert late == []


#: Columns that name a file in DATA_DIR: whoever adds one says in `closing.files` or `closing.places` how it goes.
NAMING_FILES = {"Business.logo", "Card.logo", "Card.photo", "CustomerImport.file_path", "Delivery.picture"} | {
    "Message.picture"
}


def test_no_column_names_a_file_without_a_way_to_lose_it():
    named = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("campaigns").get_models()
        for field in model._meta.concrete_fields
        if field.name in ("logo", "photo", "picture", "image", "file", "file_path") or hasattr(field, "upload_to")
    }
    assert named == NAMING_FILES
