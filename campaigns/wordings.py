"""What a campaign says in each of its languages, held against the rules, and who gets which."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from campaigns import languages, rules, status
from campaigns.models import Business, Campaign, Card, Customer, Wording

#: How a number in the United Kingdom begins.
_UNITED_KINGDOM = "+44"
#: Campaigns whose words still go out.
_GOING = (status.Campaign.RUNNING, status.Campaign.PAUSED, status.Campaign.HELD)


def findings(campaign: Campaign, *, stop_in_each: bool) -> list[rules.Finding]:
    """Everything the rules say to this campaign as it stands, words and picture."""
    said = judge(
        campaign.wordings(),
        campaign.business,
        flow=campaign.flow,
        reminds=bool(campaign.remind_after),
        stop_in_each=stop_in_each,
    )
    first = [*said, *on_the_card(campaign.card, campaign.business)]
    second = of_the_second(campaign, stop_in_each=stop_in_each)
    return [*first, *named_b(each for each in second if each not in first)]


def named_b(found: Iterable[rules.Finding]) -> list[rules.Finding]:
    """The same, saying that they are about the second side."""
    return [replace(each, sentence=f"On side B: {each.sentence}") for each in found]


def of_the_second(campaign: Campaign, *, stop_in_each: bool) -> list[rules.Finding]:
    """What they say to its second side, where it has one: both keep the same rules."""
    if not campaign.is_split:
        return []
    said = judge(
        [campaign.second_wording],
        campaign.business,
        flow=campaign.flow,
        reminds=bool(campaign.remind_after),
        stop_in_each=stop_in_each,
    )
    return [*said, *on_the_card(campaign.card_b, campaign.business)]


def judge(
    wordings: list[Wording], business: Business, *, flow: str, reminds: bool, stop_in_each: bool
) -> list[rules.Finding]:
    """What the rules say to these words, language by language.  Findings name theirs where there are several."""
    found: list[rules.Finding] = []
    for wording in wordings:
        language = wording.language if len(wordings) > 1 else ""
        said = _of_one(wording, business, flow=flow, reminds=reminds, stop_in_each=stop_in_each)
        found += [replace(finding, language=language) for finding in said]
    return found


def _of_one(
    wording: Wording, business: Business, *, flow: str, reminds: bool, stop_in_each: bool
) -> list[rules.Finding]:
    """Which text comes first depends on the flow; a greeting that may have to go first after all is read too."""
    shared: dict[str, Any] = {"business": business.name, "health": business.is_health, "language": wording.language}
    reminder = wording.reminder if reminds else ""
    if flow != Business.Flow.ALL_AT_ONCE:
        return rules.check(wording.greeting, wording.ask, reminder, **shared, stop_in_each=stop_in_each)
    return [
        *rules.scan(wording.greeting, "greeting", **shared),
        *rules.check("", wording.ask, reminder, **shared, stop_in_each=stop_in_each),
    ]


def on_the_card(card: Card | None, business: Business) -> list[rules.Finding]:
    """What a practice's picture may not say (D7); any other business's may say what it likes."""
    return [finding for _, finding in on_the_boxes(card.design, business)] if card else []


def on_the_boxes(design: Mapping[str, Any], business: Business) -> Iterator[tuple[int, rules.Finding]]:
    """The same for a design as it stands on the desk, with the number of the text it is about, from 1."""
    boxes = design.get("boxes", []) if business.is_health else []
    for number, box in enumerate(boxes, start=1):
        for finding in rules.on_a_picture(str(box.get("text", "")), business=business.name):
            yield number, finding


def writes_to_the_uk(business: Business) -> bool:
    """Has this business customers in the United Kingdom, or is it there itself?  Then D5 holds for its words."""
    there = business.customers.filter(phone__startswith=_UNITED_KINGDOM, stopped_at=None)
    return business.country == "GB" or there.exists()


def any_in_the_uk(people: Iterable[Customer]) -> bool:
    """Is one of these reached there?"""
    return any(person.phone.startswith(_UNITED_KINGDOM) for person in people)


def too_telling(business: Business) -> list[Campaign]:
    """Campaigns under way whose words or picture a practice may not send (D7); none where it is no practice.

    They were started before the business was one: nothing stops by itself, and somebody should look.
    """
    if not business.is_health:
        return []
    going = (
        business.campaigns.filter(state__in=_GOING).select_related("card", "card_b").prefetch_related("other_wordings")
    )
    return [campaign for campaign in going.order_by("pk") if _tells(campaign, business)]


def _tells(campaign: Campaign, business: Business) -> bool:
    campaign.business = business
    return any(finding.rule_id == "D7" for finding in findings(campaign, stop_in_each=False))


@dataclass(frozen=True)
class Share:
    """How many get which language; `instead_of` is what they read, where the campaign has no words in it."""

    count: int
    language: str
    instead_of: str = ""

    def __str__(self) -> str:
        lacking = f" because there are no words in {languages.name(self.instead_of)}" if self.instead_of else ""
        return f"{self.count:,} in {languages.name(self.language)}{lacking}"


def sides(campaign: Campaign, people: Iterable[Customer]) -> list[tuple[str, int]]:
    """How many get A and how many B, where two are tried side by side, and how many are no part of it ("")."""
    counted = Counter(campaign.sides_of(people).values()) if campaign.is_split else Counter[str]()
    return sorted(counted.items(), key=lambda each: (not each[0], each[0]))


def shares(campaign: Campaign, people: Iterable[Customer]) -> list[Share]:
    """Who gets which language: those who get their own first, the many before the few."""
    has = {wording.language for wording in campaign.wordings()}
    counted = Counter(_share(person.language, campaign.language, has) for person in people)
    found = [Share(count, *key) for key, count in counted.items()]
    return sorted(found, key=lambda share: (bool(share.instead_of), -share.count, str(share)))


def _share(theirs: str, own: str, has: set[str]) -> tuple[str, str]:
    if not theirs or theirs in has:
        return (theirs or own, "")
    return (own, theirs)
