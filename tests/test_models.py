"""The nouns: what the database itself refuses, what it cannot read, and what it counts."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from campaigns import launch
from campaigns.models import (
    Attempt,
    Campaign,
    Card,
    ChertEvent,
    Customer,
    Delivery,
    Line,
    Message,
    Organization,
    SignInLink,
    Suppression,
    asking,
    new_key,
    take_back,
)
from tests.cast import (
    LINE,
    SECRET,
    at_once,
    give_secret,
    make_campaign,
    make_customer,
    only_delivery,
    walk_to_the_end,
    work,
)

WEBHOOK_SECRET = "feedface" * 8


def refused(act):
    """Does the database itself refuse this?"""
    try:
        with transaction.atomic():
            act()
    except IntegrityError:
        return True
    return False


def test_a_number_is_one_customer_of_a_business(ada, grace):
    assert refused(lambda: make_customer(ada.business, phone=grace.phone))


def test_the_same_number_may_be_a_customer_of_another_business(ada, rival, grace):
    assert make_customer(rival.business, phone=grace.phone).pk


@pytest.mark.parametrize("phone", ["5125551001", "", "(512) 555-1001"])
def test_only_international_numbers_are_kept(ada, phone):
    assert refused(lambda: make_customer(ada.business, phone=phone))
    assert refused(lambda: Line.objects.create(organization=ada.organization, number=phone))


def test_a_line_is_entered_once(ada):
    assert refused(lambda: Line.objects.create(organization=ada.organization, number=LINE))


def test_a_customer_is_in_a_campaign_once(campaign, grace):
    assert refused(lambda: Delivery.objects.create(campaign=campaign, customer=grace))


def test_a_round_has_one_message_of_each_kind(campaign, grace):
    """Mautic's double sends: unique in the database, not only in code."""
    delivery = only_delivery(campaign)
    for message in asking(delivery, None):
        assert refused(message.save)


def test_two_messages_never_share_a_key(campaign, grace):
    ask = Message.objects.get(kind="ask")
    again = asking(only_delivery(campaign), None, round=2)[0]
    again.key = ask.key
    assert refused(again.save)


def test_an_inbound_message_is_kept_once(campaign, grace, ada):
    fields = {"organization": ada.organization, "business": ada.business, "customer": grace, "kind": "inbound"}
    Message.objects.create(**fields, chert_id="guid")
    assert refused(lambda: Message.objects.create(**fields, chert_id="guid"))


def test_an_event_is_one_row(ada):
    ChertEvent.objects.create(organization=ada.organization, event_id="e", payload={})
    assert refused(lambda: ChertEvent.objects.create(organization=ada.organization, event_id="e", payload={}))


def test_a_suppression_is_one_row_and_says_whether_it_is_new(ada):
    assert Suppression.add(ada.organization, "+15125551001", "Wrote STOP")
    assert not Suppression.add(ada.organization, "+15125551001", "Wrote STOP")


def test_keys_are_long_unguessable_and_safe_in_every_known_rule():
    keys = {new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(len(key) == 40 and key.replace("-", "").replace("_", "").isalnum() and key.isascii() for key in keys)


def test_secrets_are_unreadable_in_the_database(ada):
    """S47: neither the column nor the file holds them."""
    give_secret(ada.organization, webhook_secret=WEBHOOK_SECRET)
    with connection.cursor() as cursor:
        cursor.execute("SELECT chert_secret, webhook_secret FROM campaigns_organization")
        [row] = cursor.fetchall()
    assert SECRET not in row[0]
    assert WEBHOOK_SECRET not in row[1]
    fresh = Organization.objects.get()
    assert (fresh.chert_secret, fresh.webhook_secret) == (SECRET, WEBHOOK_SECRET)


@pytest.mark.django_db(transaction=True)
def test_secrets_are_not_in_the_raw_file(ada, grace, sandbox, clock):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps no file that a test may read; the column is looked at above")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(connection.settings_dict["NAME"])
    raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert grace.phone.encode() in raw  # the file is the right one
    assert SECRET.encode() not in raw


def test_a_sign_in_link_signs_in_once(ada, clock):
    token = SignInLink.make(ada.user, clock())
    assert [SignInLink.use(token, clock()) for _ in range(2)] == [ada.user, None]


@pytest.mark.django_db(transaction=True)
def test_two_who_use_a_sign_in_link_at_once_are_one(ada, clock):
    token = SignInLink.make(ada.user, clock())
    used = at_once([lambda: SignInLink.use(token, clock())] * 8)
    assert used.count(ada.user) == 1
    assert used.count(None) == 7


def test_a_sign_in_link_lives_half_an_hour(ada, clock):
    token = SignInLink.make(ada.user, clock())
    clock.go(minutes=30)
    assert SignInLink.use(token, clock()) is None


def test_a_sign_in_link_of_somebody_who_left_opens_nothing(ada, clock):
    token = SignInLink.make(ada.user, clock())
    ada.user.is_active = False
    ada.user.save()
    assert SignInLink.use(token, clock()) is None


def test_the_token_of_a_sign_in_link_is_kept_nowhere(ada, clock):
    token = SignInLink.make(ada.user, clock())
    assert token not in SignInLink.objects.get().token_hash


@pytest.mark.parametrize("token", ["", "x", "\x00", "x" * 10_000, "é"])
def test_a_token_nobody_made_signs_nobody_in(ada, clock, token):
    SignInLink.make(ada.user, clock())
    assert SignInLink.use(token, clock()) is None


def test_the_counts_of_a_campaign_are_its_rows(ada, sandbox, clock):
    for number in range(5):
        make_customer(ada.business, number, is_insider=number == 0)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    work(clock)
    assert campaign.counts() == {"skipped": 1, "greeted": 4}
    walk_to_the_end(clock)
    assert campaign.counts() == {"skipped": 1, "read": 4}


def test_every_visible_change_has_a_number_of_its_own(campaign, sandbox, clock):
    seen = []
    for minutes in (0, 3, 1):
        work(clock, minutes)
        campaign.refresh_from_db()
        seen.append((campaign.version, only_delivery(campaign).version))
    assert [row for row, _ in seen] == sorted({row for row, _ in seen})
    assert all(delivery <= version for version, delivery in seen)


@pytest.mark.django_db(transaction=True)
def test_numbers_of_change_are_given_out_once(campaign):
    numbers = at_once([campaign.touch] * 16)
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + 16))


def test_a_design_that_a_campaign_uses_never_changes(campaign, ada):
    made = campaign.card.keep(ada.user, 1, name="Another van").card
    campaign.refresh_from_db()
    assert (made.version, campaign.card.name, campaign.card.version) == (2, "Van", 1)
    assert not Card.objects.get(pk=campaign.card.pk).is_current


def test_a_card_in_use_cannot_be_deleted(campaign):
    with pytest.raises(ProtectedError):
        campaign.card.delete()


def test_taking_back_ends_what_nothing_was_called_for(campaign, clock):
    assert len(take_back(Message.objects.all(), "Cancelled", clock())) == 2
    assert set(Message.objects.values_list("status", flat=True)) == {"cancelled"}


@pytest.mark.parametrize(
    ("state", "end"),
    [
        ({"is_unclear": True}, "in_doubt"),
        ({"is_unclear": True, "lease_token": "w:1", "lease_until": "later"}, "in_doubt"),
        ({"is_calling": True}, "in_doubt"),
        ({"is_calling": True, "lease_token": "w:1", "lease_until": "later"}, "uploaded"),
        ({"lease_token": "w:1", "lease_until": "later"}, "cancelled"),
    ],
)
def test_taking_back_depends_on_what_was_called_and_who_is_at_it(campaign, clock, state, end):
    if state.get("lease_until"):
        state = state | {"lease_until": clock() + timedelta(seconds=30)}
    Message.objects.filter(kind="ask").update(status="uploaded", **state)
    take_back(Message.objects.filter(kind="ask"), "Cancelled", clock())
    assert Message.objects.get(kind="ask").status == end


def test_taking_back_leaves_what_has_ended(campaign, sandbox, clock):
    walk_to_the_end(clock)
    assert take_back(Message.objects.all(), "Cancelled", clock()) == []


def test_erasing_a_customer_takes_messages_and_attempts_along(campaign, sandbox, clock, grace):
    walk_to_the_end(clock)
    grace.delete()
    assert (Message.objects.count(), Attempt.objects.count(), Delivery.objects.count()) == (0, 0, 0)


def test_no_model_shows_a_name_or_a_number_as_its_text(campaign, grace, ada):
    """What str() gives ends up in logs."""
    texts = [str(row) for model in (Customer, Delivery, Message, Campaign) for row in model.objects.all()]
    assert not [text for text in texts if "Grace" in text or grace.phone in text]
