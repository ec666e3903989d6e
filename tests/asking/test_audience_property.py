"""Whatever people, histories and filters there are: nobody is ever asked who must not be, and all are accounted for."""

import random
from datetime import date, timedelta

import pytest

from campaigns.asking import asked as history
from campaigns.asking import audience, reminders
from campaigns.filters import Filter
from campaigns.models import Business, Campaign, Customer, Delivery, Message, Suppression, Tag
from tests.cast import NOON, make_campaign

PEOPLE = 60
NAMES = ("Grace", "HARBOR HVAC LLC", "", "GRACE", "info@example.com", "Test")
TECHNICIANS, SERVICES, TAGS = ("", "Dana", "Omar"), ("", "Repair", "Drain"), ("Spa", "VIP", "garden")
COUNTRIES = ("+1512555{:04d}", "+1800555{:04d}", "+5255512{:05d}", "+52155512{:05d}", "+54911234{:05d}")
FINAL = ("stopped", "suppressed", "insider", "no_consent")


def a_customer(ada, draw: random.Random, number: int) -> Customer:
    def seldom(value, otherwise=None):
        return value if draw.random() < 0.12 else otherwise

    return Customer(
        business=ada.business,
        phone=draw.choice(COUNTRIES).format(1000 + number // 2),
        first_name=draw.choice(NAMES),
        spoken_name=seldom("Grace"),
        consent_basis=seldom("", "Asked at the counter"),
        is_attested=seldom(False, True),
        last_visit=draw.choice([None, date(2026, 1, 1) + timedelta(days=draw.randrange(60))]),
        technician=draw.choice(TECHNICIANS),
        service=draw.choice(SERVICES),
        stopped_at=seldom(NOON),
        paused_at=seldom(NOON),
        reviewed_at=seldom(NOON),
        is_insider=seldom(True, False),
    )


def people_and_histories(ada, draw: random.Random) -> list[Customer]:
    made = {c.phone: c for c in (a_customer(ada, draw, n) for n in range(PEOPLE))}
    Customer.objects.bulk_create(made.values())
    people = list(ada.business.customers.all())
    old = make_campaign(ada, name="Before", state=draw.choice(["finished", "running"]))
    for person in draw.sample(people, len(people) // 2):
        person.tags.set(Tag.named(ada.business, draw.sample(TAGS, draw.randrange(3))))
        a_history(ada, old, person, draw)
        if draw.random() < 0.1:
            Suppression.add(ada.organization, person.phone, "Wrote STOP", NOON)
    return people


def a_history(ada, campaign: Campaign, person: Customer, draw: random.Random) -> None:
    delivery = Delivery.objects.create(campaign=campaign, customer=person, status=draw.choice(["read", "planned"]))
    whose = {"organization": ada.organization, "business": ada.business, "customer": person, "delivery": delivery}
    for number in range(draw.randrange(4)):
        then = NOON - timedelta(days=draw.randrange(1, 365))
        kind = draw.choice(["greeting", "ask", "inbound"])
        status = "received" if kind == "inbound" else draw.choice(["read", "refused", "in_doubt"])
        sent = None if status in ("refused", "received") else then
        whose["chert_id"] = f"in-{delivery.pk}-{number}" if kind == "inbound" else ""
        Message.objects.create(**whose, kind=kind, status=status, sent_at=sent, created_at=then, round=number + 1)


def a_filter(draw: random.Random) -> Filter:
    since, until = sorted(date(2026, 1, 1) + timedelta(days=draw.randrange(60)) for _ in range(2))
    return Filter(
        visited_from=draw.choice([None, None, since]),
        visited_until=draw.choice([None, None, until]),
        technician=draw.choice(TECHNICIANS),
        service=draw.choice(("", "", "", *SERVICES)),
        tags=tuple(draw.sample(TAGS, draw.choice([0, 0, 1, 2]))),
        never_asked=draw.random() < 0.2,
    )


@pytest.fixture(params=range(6))
def draw(request) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def people(ada, clock, draw) -> list[Customer]:
    ada.business.cool_down_scope = draw.choice(Business.CoolDown.values)
    ada.business.save()
    return people_and_histories(ada, draw)


def test_asked_and_skipped_are_disjoint_and_are_all_whom_the_filter_means(ada, people, draw):
    for only in (Filter(), *(a_filter(draw) for _ in range(8))):
        asked, skipped = audience.of(make_campaign(ada, who=only.as_json()), NOON)
        both = [*asked, *(person for person, _ in skipped)]
        assert len(both) == len(set(both))
        assert set(both) == {person for person in people if means(only, person)}


def means(only: Filter, person: Customer) -> bool:
    """The filter once more, in plain words."""
    day, worn = person.last_visit, {tag.name for tag in person.tags.all()}
    is_fresh = not person.messages.filter(history.WENT_OUT).exists()
    return all(
        (
            only.visited_from is None or (day is not None and day >= only.visited_from),
            only.visited_until is None or (day is not None and day <= only.visited_until),
            only.technician in ("", person.technician),
            only.service in ("", person.service),
            not only.tags or bool(worn & set(only.tags)),
            not only.never_asked or is_fresh,
        )
    )


def test_nobody_is_asked_who_must_not_be(ada, people):
    asked, skipped = audience.of(make_campaign(ada), NOON)
    suppressed = Suppression.known(ada.organization, [person.phone for person in people])
    cold = NOON - timedelta(days=ada.business.cool_down_days)
    assert asked
    assert skipped
    for person in asked:
        assert {person.stopped_at, person.paused_at, person.reviewed_at, person.is_insider} == {None, False}
        assert person.consent_basis
        assert person.is_served
        assert person.phone not in suppressed
        assert not person.messages.filter(history.WENT_OUT, sent_at__gt=cold).exists()


def test_one_by_one_the_answer_is_the_same_as_for_all(ada, people):
    together = audience.reasons(ada.business, people, NOON)
    assert {p.pk: r for p in people if (r := audience.why_not(p, NOON))} == together


def test_what_is_asked_at_the_moment_of_sending_agrees(ada, people):
    together = audience.reasons(ada.business, people, NOON)
    for person in people:
        never = audience.never(person)
        found = together.get(person.pk)
        assert never == (found if found and found.code in FINAL else None)


def test_a_reminder_and_the_audience_count_the_unanswered_alike(ada, people):
    together = history.past(ada.business, people)
    for person in people:
        assert history.past_of(person) == together.get(person.pk, history.NOTHING)
    assert not hasattr(reminders, "unanswered")
