"""An import is taken back within a day, and says exactly what that did."""

from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import importing, person
from campaigns.importing import work
from campaigns.models import AuditEntry, Customer, Tag
from tests.cast import make_customer

from .files import csv_of
from .test_work import brought, finish, looked, save, saved

LIST = csv_of("First,Last,Phone,Last visit,Tags", "Marcus,Bell,5125550142,2026-02-14,VIP", "Ada,Byron,5125550143,,")


def undo(who, record) -> dict[str, int]:
    work.undo(record, who.user, timezone.now())
    finish(record)
    return {word: number for word, number in record.undone.items() if number}


def test_who_came_with_it_is_gone(ada, clock):
    other = make_customer(ada.business, phone="+15125550199")
    assert undo(ada, saved(ada, LIST)) == {"gone": 2}
    assert list(Customer.objects.all()) == [other]
    assert AuditEntry.objects.filter(act="took back an import", by=ada.user).exists()


def test_who_was_changed_by_it_is_as_before(ada, clock):
    known = make_customer(
        ada.business,
        phone="+15125550142",
        first_name="Mark",
        last_name="",
        last_visit=date(2025, 1, 2),
        spoken_name="Marky",
    )
    known.tags.set(Tag.named(ada.business, ["Garden"]))
    Customer.objects.update(is_attested=False)
    before = Customer.objects.filter(pk=known.pk).values().get()
    record = saved(ada, LIST)
    assert Customer.objects.get(pk=known.pk).first_name == "Marcus"
    assert undo(ada, record) == {"back": 1, "gone": 1}
    assert Customer.objects.filter(pk=known.pk).values().get() == before
    assert [tag.name for tag in known.tags.all()] == ["Garden"]


def test_what_was_changed_since_stays(ada, clock):
    known = make_customer(ada.business, phone="+15125550142", first_name="Mark", last_name="B.")
    record = saved(ada, LIST)
    Customer.objects.filter(pk=known.pk).update(first_name="Marc")
    assert undo(ada, record) == {"partly": 1, "gone": 1}
    after = Customer.objects.get(pk=known.pk)
    assert (after.first_name, after.last_name) == ("Marc", "B.")


def test_a_new_customer_whom_somebody_has_mended_since_stays(ada, clock):
    record = saved(ada, LIST)
    Customer.objects.filter(phone="+15125550142").update(first_name="Marc")
    assert undo(ada, record) == {"changed": 1, "gone": 1}
    assert Customer.objects.get().first_name == "Marc"


def test_a_new_customer_whom_a_later_list_has_changed_stays(ada, clock):
    record = saved(ada, LIST)
    saved(ada, csv_of("First,Phone,Technician", "Marcus,5125550142,Todd"))
    assert undo(ada, record) == {"changed": 1, "gone": 1}


@pytest.mark.parametrize(
    "fact", [{"chat_id": "chat-1"}, {"stopped_at": timezone.now()}, {"reviewed_at": timezone.now()}]
)
def test_who_has_been_asked_or_has_answered_stays(ada, clock, fact):
    record = saved(ada, LIST)
    Customer.objects.filter(phone="+15125550142").update(**fact)
    assert undo(ada, record) == {"asked": 1, "gone": 1}
    assert record.rows.get(undone="asked").number == 2


def test_who_is_in_a_campaign_stays_with_their_delivery(ada, campaign, clock):
    record = saved(ada, LIST)
    marcus = Customer.objects.get(phone="+15125550142")
    campaign.deliveries.create(customer=marcus)
    assert undo(ada, record)["asked"] == 1
    assert campaign.deliveries.filter(customer=marcus).exists()


def test_who_was_erased_meanwhile_is_no_trouble(ada, clock):
    record = saved(ada, LIST)
    Customer.objects.filter(phone="+15125550142").delete()
    assert undo(ada, record) == {"missing": 1, "gone": 1}


def test_the_same_number_added_by_hand_meanwhile_is_not_taken_for_theirs(ada, clock):
    record = saved(ada, LIST)
    Customer.objects.filter(phone="+15125550142").delete()
    make_customer(ada.business, phone="+15125550142", first_name="Marcus", last_name="Bell")
    assert undo(ada, record) == {"missing": 1, "gone": 1}
    assert Customer.objects.count() == 1


def test_after_a_day_it_is_too_late(ada, clock):
    record = saved(ada, LIST)
    clock.go(hours=25)
    with pytest.raises(importing.NotNow):
        work.undo(record, ada.user, timezone.now())
    assert Customer.objects.count() == 2


def test_it_is_taken_back_once(ada, clock):
    record = saved(ada, LIST)
    undo(ada, record)
    with pytest.raises(importing.NotNow):
        work.undo(record, ada.user, timezone.now())


def test_in_the_middle_of_being_saved_it_stops_and_goes_back(ada, clock, monkeypatch):
    monkeypatch.setitem(work.PART, connection.vendor, 1)
    record = looked(ada, LIST)
    save(ada, record)
    type(record).objects.update(job_token="mine", job_until=timezone.now())
    assert work._step(record.pk, "mine", timezone.now())
    assert Customer.objects.count() == 1
    assert undo(ada, record) == {"gone": 1}
    assert not work._step(record.pk, "mine", timezone.now())
    assert (Customer.objects.count(), record.done_at is not None, record.counts["rows"]) == (0, True, 2)


def test_what_was_not_saved_yet_has_nothing_to_take_back(ada):
    with pytest.raises(importing.NotNow):
        work.undo(brought(ada, LIST), ada.user, timezone.now())


def test_the_same_list_can_be_brought_again_afterwards(ada, clock):
    undo(ada, saved(ada, LIST))
    assert saved(ada, LIST).counts["added"] == 2


def test_an_import_by_the_command_can_be_taken_back_too(ada, clock):
    done = importing.run(ada.business, LIST, "list.csv", consent="At the counter", by=ada.user, now=timezone.now())
    assert undo(ada, done.record) == {"gone": 2}


def test_another_tenants_customers_with_these_numbers_are_not_touched(ada, rival, clock):
    theirs = make_customer(rival.business, phone="+15125550142", first_name="Marcus", last_name="Bell")
    undo(ada, saved(ada, LIST))
    assert list(Customer.objects.all()) == [theirs]


def test_who_was_joined_since_stays_joined(ada, clock):
    """The row that went is not here any more, and the one that stayed carries more than the list said."""
    older = make_customer(ada.business, phone="+15125550177", first_name="Marcus", last_name="Bell")
    record = saved(ada, LIST)
    [newer] = Customer.objects.filter(phone="+15125550142")
    person.join(newer, older, [], ada.user, clock())
    undo(ada, record)
    assert Customer.objects.get().pk == newer.pk
    assert Customer.everything.get(pk=older.pk).merged_into_id == newer.pk
