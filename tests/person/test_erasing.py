"""Forgetting somebody: nothing of them is found in any row or file, nobody writes to them again, campaigns add up."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction

from campaigns import cards, finding, importing, outbox, person, phones, replies
from campaigns import events as chert_events
from campaigns.models import (
    AuditEntry,
    ChertEvent,
    Customer,
    Delivery,
    Erasure,
    Message,
    Suppression,
    Tag,
    picture_path,
)
from campaigns.models.ledger import MASK
from campaigns.person import places
from tests.cast import (
    Killed,
    answer,
    at_once,
    die,
    is_send,
    killed_at,
    listen,
    make_customer,
    only_delivery,
    reply,
    walk_to_the_end,
    work,
)
from tests.person.canaries import NUMBER, in_the_files, in_the_rows, is_sqlite, whole_life

pytestmark = pytest.mark.django_db(transaction=True)


def erase(customer, by, clock):
    erasure = person.ask(customer, by, clock())
    assert person.carry_out(erasure, clock())
    person.clear_away(clock())
    return erasure


def test_nothing_of_them_is_found_in_any_row_or_raw_file(transactional_db, ada, sandbox, clock):
    """D2, S58: the files are read as bytes, so what SQLite only struck off its list would be found."""
    her, _ = whole_life(ada, sandbox, clock)
    assert len(in_the_rows()) > 20
    erase(her, ada.user, clock)
    assert in_the_rows() == set()
    assert in_the_files() == set()


def test_what_moved_between_pages_of_the_file_leaves_no_copy(transactional_db, ada, clock):
    """`secure_delete` alone leaves copies where a page was split; so the file is written anew."""
    if not is_sqlite():
        pytest.skip("PostgreSQL keeps its own files")
    chance = random.Random(4)
    people = [
        Customer(business=ada.business, **named(chance), service="x" * chance.randrange(120)) for _ in range(2000)
    ]
    people = Customer.objects.bulk_create(people)
    for _ in range(3):
        with transaction.atomic():
            for each in chance.choices(people, k=700):
                Customer.objects.filter(pk=each.pk).update(consent_source="y" * chance.randrange(300))
    gone = chance.sample(people, 200)
    with transaction.atomic():
        for each in gone:
            person.carry_out(person.ask(each, None, clock()), clock())
    person.clear_away(clock())
    raw = b"".join(path.read_bytes() for path in places_of_the_database())
    assert [each.pk for each in gone if each.first_name.encode() in raw or each.phone[1:].encode() in raw] == []


def named(chance):
    phone, name = f"+1512{chance.randrange(10**7):07d}", f"Nm{chance.randrange(10**8):08d}"
    return {"phone": phone, "first_name": name, "search": finding.indexed(name, "", phone)}


def places_of_the_database():
    name = str(connection.settings_dict["NAME"])
    folder = picture_path("x").parent.parent
    return [path for path in folder.iterdir() if str(path).startswith(name)]


def test_the_pictures_are_gone_those_of_tests_too(transactional_db, ada, sandbox, clock):
    her, _ = whole_life(ada, sandbox, clock)
    whose = person.Whose.of(her)
    drawn = [picture_path(message.picture) for message in whose.messages if message.picture]
    assert len(drawn) == 3
    assert all(path.exists() for path in drawn)
    erase(her, ada.user, clock)
    assert not any(path.exists() for path in drawn)


def test_the_campaign_still_adds_up(transactional_db, ada, sandbox, clock):
    """I10."""
    her, campaign = whole_life(ada, sandbox, clock)
    before = campaign.counts()
    erase(her, ada.user, clock)
    assert campaign.counts() == before
    assert campaign.deliveries.filter(replied_at__isnull=False).count() == 1
    assert Delivery.objects.get(customer_id=her.pk).replied_words == ""


def test_the_link_they_have_leads_to_nobody(transactional_db, ada, sandbox, clock):
    her, _ = whole_life(ada, sandbox, clock)
    token = her.deliveries.get().token
    erase(her, ada.user, clock)
    assert not Delivery.everything.filter(token=token).exists()


def test_a_list_does_not_bring_them_back(transactional_db, ada, sandbox, clock):
    """D3."""
    her, _ = whole_life(ada, sandbox, clock)
    erase(her, ada.user, clock)
    raw = b"First name,Phone\nMarigold,(512) 555-0187\nBo,(512) 555-0111\n"
    done = importing.run(ada.business, raw, "again.csv", consent="Asked", by=ada.user, now=clock())
    assert (done.counts["suppressed"], done.counts["added"]) == (1, 1)
    assert not Customer.objects.filter(phone=NUMBER).exists()


def test_the_database_alone_reveals_no_number(transactional_db, ada, clock):
    """S60: the key of the scrambled code lies outside of it."""
    erase(make_customer(ada.business, phone=NUMBER), ada.user, clock)
    [kept] = Suppression.objects.all()
    assert len(kept.phone_hash) == 64
    assert kept.phone_hash == Suppression.hash(ada.organization, NUMBER)


@pytest.mark.parametrize(("one", "other"), [("+5215512345678", "+525512345678"), ("+541123456789", "+5491123456789")])
@pytest.mark.parametrize("turned", [False, True])
def test_both_writings_of_a_number_are_kept_silent(transactional_db, ada, one, other, turned):
    first, second = (other, one) if turned else (one, other)
    assert phones.twins(first) == (second,)
    Suppression.add(ada.organization, first, "Wrote STOP")
    assert Suppression.known(ada.organization, [second, "+15125550000"]) == {second}
    assert not Suppression.add(ada.organization, second, "Wrote STOP")
    assert Suppression.objects.count() == 1


def test_two_rows_of_one_number_from_before_become_one(transactional_db, ada, clock):
    for number in ("+5215512345678", "+525512345678"):
        code = Suppression.hash(ada.organization, number)
        Suppression.objects.create(organization=ada.organization, phone_hash=code)
    assert not Suppression.add(ada.organization, "+525512345678", "Again")
    assert Suppression.objects.count() == 1
    assert Suppression.lift(ada.organization, "+5215512345678", clock() + timedelta(days=1))
    assert not Suppression.objects.exists()


def test_the_rival_with_the_same_number_keeps_theirs(transactional_db, ada, rival, clock):
    theirs = make_customer(rival.business, phone=NUMBER, first_name="Marigold")
    erase(make_customer(ada.business, phone=NUMBER, first_name="Marigold"), ada.user, clock)
    theirs.refresh_from_db()
    assert (theirs.phone, theirs.first_name, theirs.stopped_at) == (NUMBER, "Marigold", None)
    assert not Suppression.known(rival.organization, [NUMBER])


def test_every_location_of_the_organization_forgets(transactional_db, ada, clock):
    other = ada.business.__class__.objects.create(
        organization=ada.organization, name="Ada's Café", slug="cafe", sender="Ada"
    )
    make_customer(other, phone=NUMBER)
    erase(make_customer(ada.business, phone=NUMBER), ada.user, clock)
    assert not Customer.everything.filter(phone=NUMBER).exists()


def test_the_book_says_who_erased_somebody_and_names_nobody(transactional_db, ada, sandbox, clock):
    her, _ = whole_life(ada, sandbox, clock)
    erase(her, ada.user, clock)
    [entry] = AuditEntry.objects.filter(act="erase")
    assert (entry.by, entry.about) == (ada.user, f"customer {her.pk}")
    assert AuditEntry.objects.filter(act="read their words").get().words == MASK


def test_a_tag_that_only_they_wore_is_gone_and_others_stay(transactional_db, ada, clock):
    her, linus = make_customer(ada.business, phone=NUMBER), make_customer(ada.business, 2)
    her.tags.set(Tag.named(ada.business, ["Garden", "Her own"]))
    linus.tags.set(Tag.named(ada.business, ["Garden"]))
    erase(her, ada.user, clock)
    assert list(Tag.objects.values_list("name", flat=True)) == ["Garden"]


# --- while something is under way -----------------------------------------------------------------------------------


def test_while_a_call_is_under_way_it_waits_and_no_other_begins(transactional_db, ada, campaign, wire, clock):
    """S59."""
    seen = []

    def at_the_greeting(request):
        if is_send(request) and not seen:
            erasure = person.ask(Customer.objects.get(), ada.user, clock())
            seen.append(person.carry_out(erasure, clock()))

    wire.before = at_the_greeting
    work(clock)
    assert seen == [False]
    sent = len(wire.sends())
    assert person.work(clock()) == 1
    work(clock, 5)
    work(clock, 60)
    assert len(wire.sends()) == sent == 1
    assert not Customer.objects.exists()
    assert Message.objects.count() == 0


def test_whose_picture_is_being_uploaded_gets_nothing(transactional_db, ada, campaign, wire, clock):
    def at_the_upload(request):
        if "attachments" in request.url.path and not Erasure.objects.exists():
            person.carry_out(person.ask(Customer.objects.get(), ada.user, clock()), clock())

    wire.before = at_the_upload
    walk_to_the_end(clock)
    assert Erasure.objects.get().done_at
    assert wire.sends() == []
    assert only_delivery(campaign).status == "cancelled"


def test_a_picture_that_was_being_drawn_meanwhile_goes_later(transactional_db, ada, campaign, clock, monkeypatch):
    drawn = cards.render

    def erased_meanwhile(*what):
        picture = drawn(*what)
        if not Erasure.objects.exists():
            person.carry_out(person.ask(Customer.objects.get(), ada.user, clock()), clock())
        return picture

    monkeypatch.setattr(cards, "render", erased_meanwhile)
    work(clock)
    [name] = [name for name in Erasure.objects.get().files if name.endswith(".jpg") and picture_path(name).exists()]
    for _ in range(2):
        clock.go(hours=1)
        person.work(clock())
    assert not picture_path(name).exists()
    erasure = Erasure.objects.get()
    assert erasure.closed_at
    assert erasure.files == []


def test_what_they_write_afterwards_is_not_kept(transactional_db, ada, campaign, grace, sandbox, clock):
    walk_to_the_end(clock)
    number = grace.phone
    reply(sandbox, grace, "Where is my plumcakecanary")
    erase(grace, ada.user, clock)
    listen(clock)
    assert not Message.objects.exists()
    assert not ChertEvent.objects.exclude(payload={}).exists()
    assert Suppression.known(ada.organization, [number])


def test_words_that_are_being_kept_while_they_are_erased_are_not(
    transactional_db, ada, campaign, grace, sandbox, clock, monkeypatch
):
    walk_to_the_end(clock)
    learn = replies._learn_the_chat

    def erased_meanwhile(event, customer):
        person.carry_out(person.ask(grace, ada.user, clock()), clock())
        learn(event, customer)

    monkeypatch.setattr(replies, "_learn_the_chat", erased_meanwhile)
    answer(sandbox, clock, grace, "The plumcakecanary was lovely")
    assert not Customer.objects.exists()
    assert in_the_rows() == set()


def test_an_event_that_comes_once_more_is_known(transactional_db, ada, campaign, grace, sandbox, clock):
    walk_to_the_end(clock)
    reply(sandbox, grace, "Hello")
    listen(clock)
    before = ChertEvent.objects.count()
    erase(grace, ada.user, clock)
    ada.organization.__class__.objects.update(events_since=None)
    listen(clock)
    chert_events.handle(clock)
    assert ChertEvent.objects.count() == before
    assert not Message.objects.exists()


def test_a_dead_workers_call_does_not_hold_it_up(transactional_db, ada, campaign, wire, clock):
    def dies(request):
        if is_send(request):
            raise Killed

    wire.before = dies
    with pytest.raises(Killed):
        work(clock)
    die()
    erasure = person.ask(Customer.objects.get(), ada.user, clock())
    clock.go(minutes=10)
    outbox.sweep(clock())
    assert person.work(clock()) == 1
    erasure.refresh_from_db()
    assert erasure.done_at
    assert only_delivery(campaign).status == "in_doubt"


@pytest.mark.parametrize("nth", [1, 9, 17, 26, 43])
def test_killed_in_the_middle_it_is_whole_or_goes_on(transactional_db, ada, sandbox, clock, nth):
    her, campaign = whole_life(ada, sandbox, clock)
    counts = campaign.counts()
    erasure = person.ask(her, ada.user, clock())
    with suppress(Killed), killed_at(nth):
        person.carry_out(erasure, clock())
    assert Erasure.objects.get().done_at or Customer.objects.filter(phone=NUMBER).exists()
    clock.go(hours=1)
    person.work(clock())
    person.work(clock())
    assert in_the_rows() == in_the_files() == set()
    assert campaign.counts() == counts


def test_two_who_press_at_once_erase_once(transactional_db, ada, clock):
    her = make_customer(ada.business, phone=NUMBER)

    def press():
        mine = Customer.objects.select_related("business__organization").get(pk=her.pk)
        return person.carry_out(person.ask(mine, ada.user, clock()), clock())

    answers = at_once([press, press])
    assert True in answers
    person.work(clock())
    assert AuditEntry.objects.filter(act="erase").count() == 1
    assert Customer.everything.get(pk=her.pk).erased_at


def test_one_that_fails_holds_up_nobody_elses_and_is_tried_again(transactional_db, ada, clock, monkeypatch):
    people = [make_customer(ada.business, n) for n in (1, 2)]
    first, second = (person.ask(each, ada.user, clock()) for each in people)
    forget = places.forget

    def fails(whose, now):
        if whose.people[0].pk == people[0].pk:
            raise ValueError("a row that nobody expected")
        return forget(whose, now)

    monkeypatch.setattr(places, "forget", fails)
    assert person.work(clock()) == 1
    assert set(Erasure.objects.filter(done_at=None)) == {first}
    monkeypatch.setattr(places, "forget", forget)
    assert person.work(clock()) == 1
    assert Erasure.objects.get(pk=second.pk).done_at


# --- the list of places ---------------------------------------------------------------------------------------------

#: Tables that lead to a person, and the place that forgets them.  A new one belongs here and into `places.PLACES`.
KNOWN = {
    "Apart_people.customer",
    "Attempt.message",
    "Campaign_left_out.customer",
    "Click.delivery",
    "Conversation.customer",
    "Customer.drawn_for",
    "Customer.merged_into",
    "Customer_tags.customer",
    "Delivery.customer",
    "Delivery.together_with",
    "Erasure.customer",
    "Gesture.customer",
    "Gesture.message",
    "Message.customer",
    "Message.delivery",
    "OutgoingEvent.customer",
    "Review.customer",
    "Tapback.message",
}


def test_no_table_leads_to_a_person_without_a_place():
    about = {"Customer", "Delivery", "Message"}
    leading = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("campaigns").get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model.__name__ in about
    }
    assert leading == KNOWN


def test_an_erased_row_keeps_nothing_but_what_it_must(transactional_db, ada, clock):
    her = make_customer(ada.business, phone=NUMBER)
    erase(her, ada.user, clock)
    row = Customer.everything.get(pk=her.pk)
    said = {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields}
    kept = {name for name, value in said.items() if value not in ("", None, False)}
    assert kept == {"id", "business", "phone", "stopped_at", "stopped_how", "erased_at", "created_at"}
    assert row.phone.startswith("+x")
