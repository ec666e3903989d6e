"""Test to myself: the real thing, through the same outbox, to the phone of whoever is signed in.

A test is a small campaign of its own: a copy of the words and the card as they stand, one person, one delivery.  So it
goes while the campaign is a draft, stays what it was when that is changed, and no list, number, cool-down or undo of
the campaign knows of it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns import launch, lines, pacing, phones, plans, status, steering
from campaigns.asking import audience
from campaigns.models import AuditEntry, Business, Campaign, Customer, Delivery, Message, User, asking

#: Tests of one member, so that the button is no way to spend a line.
MOST_AN_HOUR = 10
HOUR = timedelta(hours=1)
#: Clicks so close together mean one test.
TOGETHER = timedelta(seconds=10)
#: What a test says of the customer it is drawn for; no more of them is copied.
COPIED = ("first_name", "spoken_name", "last_visit", "technician", "service", "language")
ENDED = (status.Campaign.FINISHED, status.Campaign.CANCELLED)


class Refused(Exception):
    """No test goes out.  `sentences` say why and what to do."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True)
class Outlook:
    """What a test would do now."""

    problems: list[str] = field(default_factory=list)
    #: When it would go out; None where it cannot.
    goes_at: datetime | None = None
    #: It opens a chat, and so takes one of the day's first messages.
    is_first: bool = False
    #: First messages of all lines today, and how many of them are left.
    budget: int = 0
    left: int = 0


def keep_number(member: User, number: str, business: Business) -> None:
    """Keep the number (E.164) of which the signed-in member has said that it is their own phone's."""
    with transaction.atomic():
        User.objects.filter(pk=member.pk).update(phone=number)
        AuditEntry.write(business.organization, "own phone", member, member, phones.masked(number))
    member.phone = number


def outlook(campaign: Campaign, member: User, now: datetime) -> Outlook:
    """Whether a test of this campaign may go to this member now, when, and what it takes of the lines."""
    problems = _problems(campaign, member, now)
    is_first = not _chat(campaign.business, member.phone)
    try:
        return _foreseen(campaign.business, is_first, problems, now)
    except pacing.BadWindow as never:
        return Outlook([*problems, *([] if problems else [str(never)])], is_first=is_first)


def _foreseen(business: Business, is_first: bool, problems: list[str], now: datetime) -> Outlook:
    usable, window, here = lines.usable(business), audience.hours_of_tests(business), (business.zone,)
    if not is_first:
        return Outlook(problems, pacing.opens_at(now, window, here))
    paces = lines.paces(usable, business, now)
    budget = sum(pace.budget for pace in paces)
    left = sum(max(0, pace.budget - pace.used_today) for pace in paces)
    goes_at = plans.slots(business, usable, [pacing.Turn(here)], window, now).times[0]
    return Outlook(problems, goes_at, True, budget, left)


def _problems(campaign: Campaign, member: User, now: datetime) -> list[str]:
    organization = campaign.business.organization
    never = audience.never(_person(campaign.business, member, None, now)) if member.phone else None
    full = _full_until(member, now)
    checks = [
        (campaign.state in ENDED, "This campaign has ended; there is nothing left to test."),
        (not member.phone, "Enter your own phone number first."),
        (never is not None, f"{never.sentence}. No test goes to it." if never else ""),
        (bool(organization.paused_at), organization.paused_sentence),
        (full is not None, f"{MOST_AN_HOUR} tests an hour are the most. The next one can go {_at(full, campaign)}."),
    ]
    return [sentence for holds, sentence in checks if holds] + launch.obstacles(campaign)


def _full_until(member: User, now: datetime) -> datetime | None:
    """When the next test may be made by somebody who has made too many, in whichever business."""
    recent = Campaign.everything.filter(is_test=True, created_by=member, created_at__gt=now - HOUR)
    times = list(recent.order_by("-created_at").values_list("created_at", flat=True)[:MOST_AN_HOUR])
    return times[-1] + HOUR if len(times) == MOST_AN_HOUR else None


def _at(moment: datetime | None, campaign: Campaign) -> str:
    return f"at {moment.astimezone(campaign.business.zone):%-H:%M}" if moment else ""


def make(campaign: Campaign, member: User, now: datetime, *, like: Customer | None = None, side: str = "") -> Delivery:
    """Make a test of this campaign, for the member's own phone; the delivery tells what becomes of it.

    It says and draws what `like` would get, by default the member's own first name.  Two clicks at once make one test;
    a later one takes the place of what has not left yet.  Of two sides it is the one asked for, else that of `like`.
    Raises `Refused`.
    """
    with transaction.atomic():
        member = User.objects.select_for_update().get(pk=member.pk)
        if made := by_member(campaign, member).filter(created_at__gt=now - TOGETHER).first():
            return made
        seen = outlook(campaign, member, now)
        if seen.problems:
            raise Refused(seen.problems)
        steering.drop_tests(_earlier(campaign, member), "A newer test takes its place", now)
        side = side or (campaign.side_of(like) if like else "")
        delivery = _write(campaign, member, like, seen, side, now)
        AuditEntry.write(campaign.business.organization, "test", campaign, member, f"To {phones.masked(member.phone)}")
    return delivery


def of(campaign: Campaign) -> QuerySet[Delivery]:
    """The tests of a campaign, the newest first."""
    rows = Delivery.everything.filter(is_test=True, campaign__test_of=campaign).order_by("-pk")
    return rows.select_related("campaign__business__organization", "campaign__created_by", "customer__business")


def by_member(campaign: Campaign, member: User) -> QuerySet[Delivery]:
    """This member's tests of a campaign, the newest first."""
    return of(campaign).filter(campaign__created_by=member)


def _earlier(campaign: Campaign, member: User) -> Q:
    return steering.tests_of(campaign) & Q(delivery__campaign__created_by=member)


def _write(
    campaign: Campaign, member: User, like: Customer | None, seen: Outlook, side: str, now: datetime
) -> Delivery:
    own = campaign.wording(campaign.language, side)
    copy = Campaign.objects.create(
        business=campaign.business,
        name=campaign.name,
        card=campaign.card_of(side),
        language=campaign.language,
        greeting=own.greeting,
        ask=own.ask,
        flow=campaign.flow,
        state=status.Campaign.RUNNING,
        created_by=member,
        created_at=now,
        started_at=now,
        is_test=True,
        test_of=campaign,
    )
    for other in campaign.other_wordings.all():
        copy.other_wordings.create(language=other.language, greeting=other.greeting, ask=other.ask)
    person = _person(campaign.business, member, like, now)
    person.save()
    delivery = Delivery.objects.create(
        campaign=copy, customer=person, is_test=True, planned_for=seen.goes_at, created_at=now
    )
    Message.objects.bulk_create(asking(delivery, now, by=member))
    return delivery


def _person(business: Business, member: User, like: Customer | None, now: datetime) -> Customer:
    """The member as the outbox sees them, not saved yet.  A chat that the number has already is used again."""
    said = {name: getattr(like, name) for name in COPIED} if like else {"first_name": member.first_name}
    known = _chat(business, member.phone)
    return Customer(
        business=business,
        phone=member.phone,
        timezone=business.timezone,
        consent_basis="Their own phone, as they said themselves",
        consent_at=now,
        consent_by=member,
        chat_id=known.chat_id if known else "",
        line_id=known.line_id if known else None,
        is_test=True,
        drawn_for=like,
        **said,
    )


def _chat(business: Business, number: str) -> Customer | None:
    """Who has a chat under this number already: a customer, or an earlier test."""
    known = Customer.everything.filter(business=business, phone=number).exclude(chat_id="")
    return known.order_by("is_test", "-pk").first() if number else None
