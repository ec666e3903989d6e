"""Whose pictures a campaign has: those it asks, those among them that need a look, and those left out by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from campaigns import finding, picture_checks, status
from campaigns.asking import audience
from campaigns.models import FIRST_SIDE, Campaign, Customer
from campaigns.picture_checks import Look
from campaigns.web.campaigns.prints import Design

#: Customers checked on the way past, on a page that is about something else.
LOOKED_AT = 2000


@dataclass(frozen=True)
class Pictures:
    """The pictures of one campaign, in an order that stays."""

    people: list[Customer]
    looks: list[Look]
    left_out: list[Customer] = field(default_factory=list)

    @cached_property
    def others(self) -> list[Customer]:
        """Those with whom all is well."""
        looked_at = {look.customer.pk for look in self.looks}
        return [person for person in self.people if person.pk not in looked_at]

    @cached_property
    def order(self) -> list[Customer]:
        """Everybody on the sheet, as they lie there."""
        return [*(look.customer for look in self.looks), *self.others, *self.left_out]

    def look_at(self, customer: Customer) -> Look | None:
        """Why this customer's picture needs a look; None when it does not."""
        return next((look for look in self.looks if look.customer.pk == customer.pk), None)

    def on(self, side: str, sides: Mapping[int, str]) -> "Pictures":
        """Those of them who get this side of the campaign; who is no part of it gets the first."""
        mine = {pk for pk, given in sides.items() if (given or FIRST_SIDE) == side}
        return Pictures(
            [person for person in self.people if person.pk in mine],
            [look for look in self.looks if look.customer.pk in mine],
            [person for person in self.left_out if person.pk in mine],
        )

    def found(self, query: str) -> list[Customer]:
        """Those with these words in their name, stored or spoken, or in their number."""
        wanted = finding.parts(query)
        kept = ((p, finding.indexed(p.name, p.called, p.phone)) for p in self.people)
        return [person for person, text in kept if finding.matches(text, wanted)]


def sides(campaign: Campaign, people: Iterable[Customer]) -> dict[int, str]:
    """Which side each of them gets, or has got."""
    if campaign.state == status.Campaign.DRAFT:
        return campaign.sides_of(people)
    given = dict(campaign.deliveries.values_list("customer", "variant"))
    return {person.pk: given.get(person.pk, "") for person in people}


def pictures(campaign: Campaign, design: Design, now: datetime) -> Pictures:
    """Of a draft as it would start now, with those who only lack a name; of a campaign that has started as it did.

    A fixed number of queries.
    """
    if campaign.state != status.Campaign.DRAFT:
        return _started(campaign)
    asked, skipped = audience.of(campaign, now)
    unnamed = [person for person, reason in skipped if reason.code == "name"]  # a look is what they wait for
    people = sorted([*asked, *unnamed], key=lambda person: person.pk)
    left_out = [person for person, reason in skipped if reason.code == "left_out"]
    return Pictures(people, picture_checks.look(design.drawing, people), left_out)


def _started(campaign: Campaign) -> Pictures:
    """Whom it asked, and whom somebody had left out by hand; what somebody decides now does not change it."""
    mine = campaign.business.customers.order_by("pk")
    people = mine.filter(deliveries__in=campaign.deliveries.exclude(status=status.Delivery.SKIPPED))
    left_out = mine.filter(deliveries__in=campaign.deliveries.filter(reason_code="left_out"))
    return Pictures(list(people), [], list(left_out))


def seen_past(campaign: Campaign, now: datetime) -> Pictures | None:
    """The same for a page that only mentions it; None where there is no card, or too many to check by the way."""
    if campaign.card is None or campaign.business.customers.count() > LOOKED_AT:
        return None
    design = Design.readable(campaign)
    return pictures(campaign, design, now) if design else None
