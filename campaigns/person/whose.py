"""One person: every row that is about them, in every business of the organization."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import F, Q

from campaigns import phones
from campaigns.models import Customer, Delivery, Household, Message, Organization

#: What a test copies of whom it is drawn for (`trial.COPIED`); by these the tests of an earlier release are known.
COPIED = ("first_name", "spoken_name", "last_visit", "technician", "service", "language")


@dataclass(frozen=True)
class Whose:
    """Somebody, as this organization knows them.

    Who they are is the number, in each of its writings: the rows of all locations, and those that were joined to one.
    """

    organization: Organization
    #: E.164, every writing.
    numbers: tuple[str, ...]
    people: tuple[Customer, ...]
    #: Tests of ours that carry their first name, or went to their number.
    tests: tuple[Customer, ...]

    @classmethod
    def of(cls, person: Customer) -> "Whose":
        """Everything by which this customer is known."""
        organization = person.business.organization
        rows = Customer.everything.filter(business__organization=organization, erased_at=None)
        numbers = set(phones.writings(person.phone))
        people: list[Customer] = []
        while True:  # a row that was joined has a number of its own, under which another location may know them
            hers = Q(phone__in=numbers) | Q(merged_into__in=people) | Q(joined__in=people)
            found = list(rows.filter(hers, is_test=False).select_related("business").order_by("pk").distinct())
            numbers |= {writing for each in found for writing in phones.writings(each.phone)}
            if len(found) == len(people):
                break
            people = found
        tests = rows.filter(_test_of(people, numbers), is_test=True).select_related("business")
        return cls(organization, tuple(sorted(numbers)), tuple(people), tuple(tests.order_by("pk")))

    @cached_property
    def rows(self) -> tuple[Customer, ...]:
        """All of them."""
        return (*self.people, *self.tests)

    @cached_property
    def deliveries(self) -> Sequence[Delivery]:
        """In every campaign, tests too."""
        mine = Delivery.everything.filter(customer__in=self.rows)
        return list(mine.select_related("campaign__business").order_by("pk"))

    @cached_property
    def messages(self) -> Sequence[Message]:
        """Said by us and by them."""
        mine = Message.objects.filter(customer__in=self.rows).select_related("delivery__campaign", "by", "line")
        return list(mine.prefetch_related("tries").order_by("pk"))

    @cached_property
    def households(self) -> Sequence[Household]:
        """Those they are in, and those they were asked in."""
        keys = {person.household_id for person in self.people if person.household_id is not None}
        for rows in (Delivery.everything, Message.objects):
            theirs = rows.filter(customer__in=self.people, household__isnull=False).order_by()
            keys.update(theirs.values_list("household", flat=True).distinct())
        return list(Household.objects.filter(pk__in=keys).order_by("pk"))

    @cached_property
    def to_groups(self) -> Sequence[Message]:
        """Said in the groups of their households by us or by another: not theirs alone, but it names them."""
        said = Message.objects.filter(household__in=self.households).exclude(customer__in=self.rows)
        return list(said.order_by("pk"))

    @cached_property
    def chats(self) -> set[str]:
        """Chert's ids of their chats; the chats of our own phones, where tests went, are not theirs."""
        tests = {each.pk for each in self.tests}
        said = {message.chat_id for message in self.messages if message.customer_id not in tests}
        return {each for each in (*said, *(person.chat_id for person in self.people)) if each} - self.group_chats

    @cached_property
    def group_chats(self) -> set[str]:
        """Chert's ids of the groups they are or were in: others write there, too."""
        return {home.chat_id for home in self.households if home.chat_id}

    @cached_property
    def chert_ids(self) -> set[str]:
        """Chert's ids of what was said."""
        return {message.chert_id for message in self.messages if message.chert_id}

    @cached_property
    def pictures(self) -> list[str]:
        """File names of what was drawn and kept for them."""
        said = {message.picture for message in self.messages}
        return sorted(said.union(delivery.picture for delivery in self.deliveries) - {""})

    @cached_property
    def labels(self) -> list[str]:
        """How the book of acts calls what is theirs."""
        found = [("customer", self.rows), ("delivery", self.deliveries), ("message", self.messages)]
        return [f"{word} {row.pk}" for word, rows in found for row in rows]

    @cached_property
    def names(self) -> set[str]:
        """Their full names, where both parts are known: a first name alone tells nobody apart."""
        return {person.name for person in self.people if person.first_name and person.last_name}


def _test_of(people: Sequence[Customer], numbers: set[str]) -> Q:
    wanted = Q(phone__in=numbers) | Q(drawn_for__in=people)
    for person in people:
        if person.first_name:
            alike = Q(drawn_for=None, **{name: getattr(person, name) for name in COPIED})
            wanted |= alike & ~Q(first_name=F("consent_by__first_name"))  # our own name: drawn for ourselves
    return wanted
