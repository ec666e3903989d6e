"""Lists that are worked on part by part: in turns, through deaths, and never twice."""

import gc
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import importing
from campaigns.importing import Kind, judging, reading, saving, work
from campaigns.models import Customer, CustomerImport, ImportRow, Suppression
from tests.cast import Killed, at_once, killed_at, make_customer

from .files import csv_of, people

TITLES = "Name,Phone"


def brought(who, raw: bytes, name: str = "list.csv") -> CustomerImport:
    """A list that stands in the database, its columns as guessed."""
    table = reading.read(raw)
    record = CustomerImport(business=who.business, by=who.user, file_name=name, consent="At the counter")
    record.mapping = importing.look(raw, who.business.country)[1].to_json()
    importing.put(record, table)
    return record


def looked(who, raw: bytes) -> CustomerImport:
    """... and somebody has looked at it."""
    record = brought(who, raw)
    work.review(record, record.mapping)
    finish(record)
    return record


def finish(record: CustomerImport) -> None:
    """The worker does what there is to do."""
    for _ in range(50):
        work.go_on(timezone.now)
        record.refresh_from_db()
        if not record.job:
            return
    raise AssertionError("it does not end")


def save(who, record: CustomerImport) -> None:
    work.save(record, record.version, who.user, timezone.now())


def saved(who, raw: bytes) -> CustomerImport:
    record = looked(who, raw)
    save(who, record)
    finish(record)
    return record


def fates(record: CustomerImport) -> list[str]:
    return list(record.rows.order_by("number").values_list("kind", flat=True))


def phones_of(who) -> list[str]:
    return sorted(Customer.objects.filter(business=who.business).values_list("phone", flat=True))


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setitem(work.PART, connection.vendor, 7)


def test_a_review_writes_nothing_to_customers(ada):
    record = looked(ada, people(50))
    assert (record.counts["added"], record.counts["rows"], Customer.objects.count()) == (50, 50, 0)
    assert (record.job, record.reviewed_at is not None) == ("", True)


def test_every_row_ends_in_one_fate_and_the_sums_add_up(ada):
    Suppression.add(ada.organization, "+15125550144", "erased")
    make_customer(ada.business, phone="+15125550145", first_name="Ada")
    make_customer(ada.business, phone="+15125550146", first_name="Old")
    make_customer(ada.business, phone="+15125550147", stopped_at=timezone.now(), stopped_how="replied STOP")
    rows = ("Ada,5125550142", "Bo,5125550142", "C,call me", "D,5125550144", "Ada,5125550145", "E,5125550146")
    record = looked(ada, csv_of("First,Phone", *rows, "F,5125550147"))
    told = ["added", "duplicate", "rejected", "suppressed", "unchanged", "updated", "stopped"]
    assert fates(record) == told
    assert record.counts == {"rows": 7} | dict.fromkeys(map(str, Kind), 1)
    assert record.rows.get(number=3).reason == "The same number as row 2."
    save(ada, record)
    finish(record)
    assert fates(record) == told
    assert Customer.objects.get(phone="+15125550142").first_name == "Ada"


def test_a_duplicate_far_below_is_found_across_parts(ada, small_parts):
    record = looked(
        ada, csv_of(TITLES, "Ada,5125550142", *[f"P,512555{n}" for n in range(2000, 2030)], "Bo,5125550142")
    )
    assert record.rows.get(number=33).reason == "The same number as row 2."


def test_what_the_review_says_is_what_saving_does(ada, small_parts):
    record = looked(ada, csv_of(TITLES, "Ada,5125550142", "Bo,5125550142", "Cy,?", "Di,5125550143"))
    before = record.counts
    save(ada, record)
    finish(record)
    assert record.counts == before
    assert phones_of(ada) == ["+15125550142", "+15125550143"]


def test_who_stops_between_review_and_saving_stays_stopped(ada):
    known = make_customer(ada.business, phone="+15125550142", first_name="Grace")
    record = looked(ada, csv_of(TITLES, "Ada,5125550142", "Bo,5125550143"))
    Customer.objects.filter(pk=known.pk).update(stopped_at=timezone.now())
    Suppression.add(ada.organization, "+15125550143", "replied STOP")
    save(ada, record)
    finish(record)
    assert fates(record) == ["stopped", "suppressed"]
    assert list(Customer.objects.values_list("first_name", flat=True)) == ["Grace"]


def test_the_consent_is_kept_with_each_of_them(ada):
    record = saved(ada, csv_of(TITLES, "Ada,5125550142"))
    person = Customer.objects.get()
    assert (person.consent_basis, person.consent_by, person.consent_source) == ("At the counter", ada.user, "list.csv")
    assert (person.consent_at, person.is_attested) == (record.saved_from, True)


def test_the_same_list_twice_changes_nothing(ada):
    saved(ada, people(30))
    before = list(Customer.objects.order_by("pk").values())
    again = saved(ada, people(30))
    assert (again.counts["unchanged"], again.counts["rows"]) == (30, 30)
    assert list(Customer.objects.order_by("pk").values()) == before


# ---- mending -------------------------------------------------------------------------------------------------------


def test_a_mended_number_makes_a_row_readable(ada):
    record = looked(ada, csv_of(TITLES, "Ada,call me"))
    version = record.version
    row = importing.mend(record, 2, {importing.Field.PHONE: "(512) 555-0142"}, timezone.now())
    record.refresh_from_db()
    assert (row.kind, row.phone, record.counts["added"], record.counts["rejected"]) == ("added", "+15125550142", 1, 0)
    assert record.version == version + 1
    save(ada, record)
    finish(record)
    assert phones_of(ada) == ["+15125550142"]


def test_mending_the_first_of_two_lets_the_second_in(ada):
    record = looked(ada, csv_of(TITLES, "Ada,5125550142", "Bo,5125550142", "Cy,5125550142"))
    importing.mend(record, 2, {importing.Field.PHONE: "5125550149"}, timezone.now())
    assert fates(record) == ["added", "added", "duplicate"]
    assert record.rows.get(number=4).reason == "The same number as row 3."


def test_mending_a_row_to_the_number_of_one_below_makes_that_the_duplicate(ada):
    record = looked(ada, csv_of(TITLES, "Ada,x", "Bo,5125550142"))
    importing.mend(record, 2, {importing.Field.PHONE: "5125550142"}, timezone.now())
    assert fates(record) == ["added", "duplicate"]


def test_after_saving_nothing_is_mended(ada):
    record = saved(ada, csv_of(TITLES, "Ada,5125550142"))
    with pytest.raises(importing.NotNow):
        importing.mend(record, 2, {importing.Field.PHONE: "5125550149"}, timezone.now())


# ---- only what was seen --------------------------------------------------------------------------------------------


def test_what_has_changed_since_somebody_looked_is_not_saved(ada):
    record = looked(ada, csv_of("Old,New,Who", "5125550142,5125550143,Ada"))
    seen = record.version
    work.review(record, {"phone": 1, "first_name": 2})
    finish(record)
    with pytest.raises(importing.NotNow, match="Look again"):
        work.save(record, seen, ada.user, timezone.now())
    assert Customer.objects.count() == 0


def test_pressing_twice_saves_once(ada):
    record = looked(ada, people(30))
    save(ada, record)
    with pytest.raises(importing.NotNow):
        save(ada, record)
    finish(record)
    with pytest.raises(importing.NotNow):
        save(ada, record)
    assert record.counts["added"] == 30


def test_a_list_that_has_not_arrived_whole_goes_no_further(ada):
    record = brought(ada, people(5))
    CustomerImport.objects.update(kept=CustomerImport.Kept.HALF)
    with pytest.raises(importing.NotNow):
        work.review(record, record.mapping)


def test_another_tenants_customers_are_not_compared_with(ada, rival):
    make_customer(rival.business, phone="+15125550142")
    assert fates(looked(ada, csv_of(TITLES, "Ada,5125550142"))) == ["added"]


# ---- part by part --------------------------------------------------------------------------------------------------


def test_a_short_list_is_done_at_once_and_a_long_one_is_left_to_the_worker(ada, monkeypatch):
    monkeypatch.setattr(work, "SHORT", 10)
    short, long = brought(ada, people(10)), brought(ada, people(11))
    for record in (short, long):
        work.review(record, record.mapping)
        work.at_once(record, timezone.now)
        record.refresh_from_db()
    assert (short.job, long.job) == ("", "review")


def test_the_bar_moves_with_each_part(ada, small_parts, monkeypatch):
    record = brought(ada, people(20))
    work.review(record, record.mapping)
    monkeypatch.setattr(work, "SLICE", -1.0)
    monkeypatch.setattr(work.time, "monotonic", count().__next__)
    work.go_on(timezone.now)
    record.refresh_from_db()
    assert 0 < record.job_rows < 20
    finish(record)
    assert record.counts["rows"] == 20


def test_what_somebody_holds_is_left_alone_until_the_lease_is_over(ada, clock):
    record = brought(ada, people(5))
    work.review(record, record.mapping)
    CustomerImport.objects.update(job_token="dead", job_until=timezone.now() + work.LEASE)
    work.go_on(timezone.now)
    record.refresh_from_db()
    assert record.job == "review"
    clock.go(seconds=work.LEASE.total_seconds() + 1)
    work.go_on(timezone.now)
    record.refresh_from_db()
    assert (record.job, record.counts["added"]) == ("", 5)


def test_a_worker_that_comes_back_late_does_nothing_more(ada, small_parts):
    record = looked(ada, people(20))
    save(ada, record)
    CustomerImport.objects.update(job_token="mine", job_until=timezone.now())
    assert work._step(record.pk, "mine", timezone.now())
    CustomerImport.objects.update(job_token="anothers")
    assert not work._step(record.pk, "mine", timezone.now())
    assert Customer.objects.count() == 7


def test_a_job_that_never_gets_further_is_given_up_and_says_so(ada, clock, monkeypatch):
    record = looked(ada, people(5))
    save(ada, record)

    def broken(*_):
        raise RuntimeError("no")

    monkeypatch.setitem(work._PARTS, "save", broken)
    for _ in range(work.TRIES + 1):
        work.go_on(timezone.now)
        clock.go(seconds=60)
    record.refresh_from_db()
    assert (record.job, "given up" in record.problem, record.done_at) == ("", True, None)
    monkeypatch.setitem(work._PARTS, "save", saving.part)
    save(ada, record)
    finish(record)
    assert (record.counts["added"], Customer.objects.count(), record.problem) == (5, 5, "")


def test_one_broken_list_keeps_no_other_waiting(ada, monkeypatch):
    bad, good = brought(ada, people(5)), brought(ada, people(6))
    for record in (bad, good):
        work.review(record, record.mapping)
    whole = judging.look
    monkeypatch.setitem(
        work._LOOK, "review", lambda record, *more: 1 / 0 if record.pk == bad.pk else whole(record, *more)
    )
    work.go_on(timezone.now)
    good.refresh_from_db()
    assert good.counts["added"] == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # who is killed closes no cursor
@pytest.mark.parametrize("job", ["review", "save", "undo"])
def test_killed_at_the_nth_statement_for_every_n_it_ends_whole(ada, clock, small_parts, job):
    """F-62: it goes on where it was; nobody is doubled, left out, or half written."""
    for phone in (KNOWN, STRANGER):
        make_customer(ada.business, phone=phone, first_name="Before", last_name="")
    for nth in count(1, 3):
        record = brought(ada, people(16)) if job == "review" else looked(ada, people(16))
        if job == "undo":
            save(ada, record)
            finish(record)
            work.undo(record, ada.user, timezone.now())
        elif job == "save":
            save(ada, record)
        else:
            work.review(record, record.mapping)
        was_killed = kill(nth)
        assert whole_rows(record), nth
        clock.go(seconds=31)
        finish(record)
        assert_ended(ada, record, job)
        start_anew(ada)
        if not was_killed:
            break
    assert nth > 10


#: A customer there is who stands in the list as well, and one who does not.
KNOWN, STRANGER = "+15120000003", "+15129999999"


def kill(nth: int) -> bool:
    try:
        with killed_at(nth):
            work.go_on(timezone.now)
    except Killed:
        gc.collect()
        return True
    return False


def whole_rows(record: CustomerImport) -> bool:
    """Every row that is marked as saved has its customer, and no other row has one."""
    there = set(Customer.objects.values_list("phone", flat=True)) - {KNOWN, STRANGER}
    marked = set(record.rows.filter(is_saved=True, undone="").values_list("phone", flat=True))
    return there == marked - {KNOWN}


def assert_ended(ada, record: CustomerImport, job: str) -> None:
    assert record.job == ""
    assert record.counts["rows"] == 16
    assert len(phones_of(ada)) == (17 if job == "save" else 2)
    assert Customer.objects.get(phone=KNOWN).first_name == ("Person" if job == "save" else "Before")


def start_anew(ada) -> None:
    CustomerImport.objects.all().delete()
    Customer.objects.exclude(phone__in=[KNOWN, STRANGER]).delete()
    Customer.objects.update(first_name="Before", last_name="")


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_list_at_once_bring_everybody_once(ada, small_parts):
    records = [looked(ada, people(40)) for _ in range(2)]
    for record in records:
        save(ada, record)
    results = at_once([lambda pk=record.pk: work._work(pk, timezone.now, 60.0) for record in records])
    for record in records:
        finish(record)
    assert results == [None, None]
    assert len(phones_of(ada)) == 40
    assert sum(record.counts["added"] for record in records) == 40
    assert sum(record.counts["unchanged"] for record in records) == 40


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_list_do_each_row_once(ada, small_parts):
    record = looked(ada, people(40))
    save(ada, record)
    at_once([lambda: work.go_on(timezone.now)] * 3)
    finish(record)
    assert (record.counts["added"], record.job_rows, len(phones_of(ada))) == (40, 40, 40)


# ---- thrown away ---------------------------------------------------------------------------------------------------


def test_a_list_that_waits_for_a_day_is_thrown_away(ada, clock):
    record = looked(ada, people(5))
    clock.go(hours=23)
    importing.forget(timezone.now())
    assert record.rows.count() == 5
    clock.go(hours=2)
    importing.forget(timezone.now())
    assert (CustomerImport.objects.count(), ImportRow.objects.count()) == (0, 0)


def test_saved_rows_go_after_a_day_and_unreadable_ones_after_a_week(ada, clock):
    record = saved(ada, csv_of(TITLES, "Ada,5125550142", "Bo,nobody"))
    clock.go(hours=25)
    importing.forget(timezone.now())
    assert [row.number for row in importing.left_out(record)] == [3]
    assert record.rows.count() == 1
    clock.go(days=7)
    importing.forget(timezone.now())
    record.refresh_from_db()
    assert (record.rows.count(), record.kept, record.counts["rows"]) == (0, "nothing", 2)
    assert timezone.now() - record.done_at > timedelta(days=7)
