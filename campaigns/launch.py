"""A campaign becomes deliveries: looked at first, launched once."""

from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import prefetch_related_objects

from campaigns import languages, lines, pacing, plans, rules, status, wordings
from campaigns.asking import audience, together
from campaigns.models import (
    AuditEntry,
    Business,
    Campaign,
    Customer,
    Delivery,
    Line,
    Message,
    Organization,
    User,
    asking,
)

BATCH = 500
#: How long after a start nothing leaves, so that it can be undone.
TIME_TO_UNDO = timedelta(seconds=10)


class NotReady(Exception):
    """The campaign cannot be launched as it is.  `sentences` say what is missing and what to do."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


class NotPossible(Exception):
    """The campaign has moved on; the text says where it stands."""


@dataclass
class Plan:
    """What a launch would do, with nothing done yet."""

    will_ask: list[Customer] = field(default_factory=list)
    skipped: list[tuple[Customer, audience.Reason]] = field(default_factory=list)
    times: dict[int, datetime] = field(default_factory=dict)
    #: The line that is expected to make the first touch, by customer; people we already write with take no slot.
    lines: dict[int, Line] = field(default_factory=dict)
    days: list[pacing.Day] = field(default_factory=list)
    #: Those who share a household and are asked alone all the same, by key, with the sentence why.
    alone: dict[int, str] = field(default_factory=dict)
    #: Those whose hours begin later than the business's own.
    waiting: list[plans.Waiting] = field(default_factory=list)
    #: First messages of campaigns that are running already and go before these.
    ahead: int = 0
    problems: list[str] = field(default_factory=list)
    findings: list[rules.Finding] = field(default_factory=list)

    @property
    def by_day(self) -> list[tuple[date, int]]:
        """How many on each date of the business."""
        return [(day.date, day.count) for day in self.days]

    def by_line(self, zone: ZoneInfo) -> dict[date, Counter[str]]:
        """How many first touches each line is expected to make, on each date of the business that has any."""
        found: dict[date, Counter[str]] = defaultdict(Counter)
        for pk in sorted(self.lines, key=lambda pk: self.times[pk]):
            found[self.times[pk].astimezone(zone).date()][self.lines[pk].number] += 1
        return dict(found)

    @property
    def finishes_at(self) -> datetime | None:
        """The moment of the last one; None for nobody."""
        return max(self.times.values(), default=None)

    @property
    def total(self) -> int:
        """The audience: asked and left out together."""
        return len(self.will_ask) + len(self.skipped)

    @property
    def to_look_at(self) -> list[Customer]:
        """Those whose pictures somebody may want to see: the asked, and those who would be, had they a name."""
        unnamed = [person for person, reason in self.skipped if reason.code == "name"]
        return sorted([*self.will_ask, *unnamed], key=lambda person: person.pk) if unnamed else self.will_ask

    @property
    def is_ready(self) -> bool:
        """Nothing stands in the way of a launch."""
        return not self.problems and bool(self.will_ask)

    def skipped_by_reason(self) -> dict[str, list[tuple[Customer, audience.Reason]]]:
        """Those left out, grouped by the word of the reason."""
        groups = defaultdict(list)
        for customer, reason in self.skipped:
            groups[reason.code].append((customer, reason))
        return dict(groups)

    def counts(self) -> dict[str, int]:
        """How many are left out, by the word of the reason."""
        return dict(Counter(reason.code for _, reason in self.skipped))


def check(campaign: Campaign, now: datetime) -> Plan:
    """Who will be asked and when, who not and why, and what stands in the way.  Writes nothing, sends nothing."""
    business = campaign.business
    may_be, skipped = audience.of(campaign, now)
    folded = together.fold(may_be)
    plan = Plan(will_ask=folded.asked, skipped=[*skipped, *folded.joined], alone=folded.alone)
    plan.findings = _findings(campaign, [*plan.will_ask, *(person for person, _ in plan.skipped)])
    plan.problems = _problems(campaign, plan)
    try:
        _lay_out(plan, business, now)
    except pacing.BadWindow as never:
        plan.problems.append(str(never))
    return plan


def _findings(campaign: Campaign, people: list[Customer]) -> list[rules.Finding]:
    """What words and picture may not say.  Whoever is left out now may still be sent to by hand, so all count (D5)."""
    in_the_uk = campaign.business.country == "GB" or wordings.any_in_the_uk(people)
    return wordings.findings(campaign, stop_in_each=in_the_uk)


def _problems(campaign: Campaign, plan: Plan) -> list[str]:
    blocking = [finding.words for finding in rules.blocks(plan.findings)]
    nobody = [] if plan.will_ask else [_nobody(campaign, plan)]
    return [*nobody, *_missing(campaign), *blocking, *_greeting_of_groups(campaign, plan)]


def _greeting_of_groups(campaign: Campaign, plan: Plan) -> list[str]:
    """A group opens with the greeting, whatever the flow: so it names the business and says how to stop (M10)."""
    opens = any(person.asked_with and not person.known_chat for person in plan.will_ask)
    if not opens or campaign.flow != Business.Flow.ALL_AT_ONCE:
        return []
    greets = copy(campaign)
    greets.flow = Business.Flow.GREETING_FIRST
    blocking = rules.blocks(_findings(greets, plan.will_ask))
    return [f"A household is greeted first, even where everything goes at once. {each.words}" for each in blocking]


def _nobody(campaign: Campaign, plan: Plan) -> str:
    if campaign.only and not plan.total:
        return f"Nobody is meant: no customer has {campaign.only}. Change who is asked."
    return "Nobody can be asked just now: everybody is left out, with the reason beside the name."


def obstacles(campaign: Campaign) -> list[str]:
    """What stands in the way of every message of this campaign, whoever gets it: missing settings, words, rules."""
    in_the_uk = wordings.writes_to_the_uk(campaign.business)
    findings = wordings.findings(campaign, stop_in_each=in_the_uk)
    return [*_missing(campaign), *(finding.words for finding in rules.blocks(findings))]


def _missing(campaign: Campaign) -> list[str]:
    business = campaign.business
    organization = business.organization
    usable, wordless = lines.usable(business), _without_reminder(campaign)
    has_line = lines.active(business).exists()
    checks = [
        (not organization.chert_secret, "There is no Chert secret yet. Enter it in the settings."),
        (
            has_line and not usable,
            "No line may send a first message: every daily budget is 0. Raise one in the settings.",
        ),
        (not has_line, "No active line belongs to this business. Add one in the settings."),
        (not business.review_url, "There is no review address yet. Enter your Google review link in the settings."),
        (bool(campaign.remind_after and wordless), wordless),
        (campaign.card is None, "Choose a card: the picture is what people remember."),
    ]
    return [sentence for missing, sentence in checks if missing]


def _without_reminder(campaign: Campaign) -> str:
    """In which language the reminder has no words yet, in a sentence; empty where it has them all."""
    own, *others = campaign.wordings()
    lacking = [languages.name(each.language) for each in others if not each.reminder.strip()]
    if not own.reminder.strip():
        return "The reminder has no words yet. Write them, or send no reminder."
    named = " and ".join(lacking)
    return f"The reminder has no words in {named} yet. Write them, or send no reminder." if lacking else ""


def _lay_out(plan: Plan, business: Business, now: datetime) -> None:
    """Give each a time: first touches take the lines' slots, people we already write with only wait for their hours.

    A household takes a slot for each of its people, and goes at the first of them.
    """
    window = audience.hours(business)
    opens = _opening(plan, window, now)
    first = [person for person in plan.will_ask if not person.known_chat]
    usable = lines.usable(business)
    waiting = [each for each in plans.to_come(business, usable) if not each.chat_id] if first else []
    plan.ahead = len(waiting)
    before = plans.turns((each.turn, each.people) for each in waiting)
    turns = plans.turns((pacing.Turn(audience.zones(person)), 1 + len(person.asked_with)) for person in first)
    laid = plans.slots(business, usable, [*before, *turns], window, now)
    plan.times = {person.pk: opens[audience.zones(person)] for person in plan.will_ask}
    places = accumulate((1 + len(person.asked_with) for person in first), initial=len(before))
    for person, place in zip(first, places, strict=False):
        plan.times[person.pk], plan.lines[person.pk] = laid.times[place], usable[laid.lines[place]]
    plan.days = pacing.Plan(list(plan.times.values())).days(business.zone)
    plan.waiting = _waiting(plan, opens, pacing.opens_at(now, window, [business.zone]))


def _opening(plan: Plan, window: pacing.Window, now: datetime) -> dict[pacing.Zones, datetime]:
    """When each kind of place opens; whoever is where the hours never open is left out, with that reason."""
    opens, never = {}, {}
    for zones in dict.fromkeys(map(audience.zones, plan.will_ask)):
        try:
            opens[zones] = pacing.opens_at(now, window, zones)
        except pacing.BadWindow as bad:
            never[zones] = audience.Reason("no_hours", f"{str(bad).rstrip('.')}: {audience.places(zones)}")
    if never:
        why = [(person, never.get(audience.zones(person))) for person in plan.will_ask]
        plan.skipped += [(person, reason) for person, reason in why if reason]
        plan.will_ask = [person for person, reason in why if not reason]
    return opens


def _waiting(plan: Plan, opens: dict[pacing.Zones, datetime], ours: datetime) -> list[plans.Waiting]:
    return [
        plans.Waiting(person, zones, opens[zones], plan.times[person.pk])
        for person in plan.will_ask
        if opens[zones := audience.zones(person)] > ours
    ]


def launch(campaign: Campaign, by: User | None, now: datetime, *, begin_after: timedelta = timedelta(0)) -> Plan:
    """Launch: every customer that is meant gets a delivery, with its messages or the reason for leaving it out.

    All in one transaction, and only once, however many click at the same time (F-13).  `begin_after` leaves time to
    undo.  Raises `NotReady` with what is missing, `NotPossible` when it is no draft any more.
    """
    with transaction.atomic():
        # One launch of a business at a time: two campaigns started at once must not ask the same customer.
        # Where locations share their cool-down, one launch of the whole organization.
        if campaign.business.cool_down_scope == Business.CoolDown.ORGANIZATION:
            Organization.objects.select_for_update().get(pk=campaign.business.organization_id)
        Business.objects.select_for_update().get(pk=campaign.business_id)
        _settle_the_words(campaign)
        plan = check(campaign, now)
        if not plan.is_ready:
            raise NotReady(plan.problems)
        draft = Campaign.objects.filter(pk=campaign.pk, state=status.Campaign.DRAFT)
        if not draft.update(state=status.Campaign.RUNNING, started_at=now):
            raise NotPossible("This campaign has been started already.")
        _write_deliveries(campaign, plan, begin_after)
        AuditEntry.write(campaign.business.organization, "launch", campaign, by)
    campaign.refresh_from_db()
    return plan


def _settle_the_words(campaign: Campaign) -> None:
    """What is checked is what goes out: nobody changes the draft meanwhile, and it is read once."""
    if not Campaign.objects.select_for_update().filter(pk=campaign.pk).exists():
        raise NotPossible("This campaign is not here any more.")
    texts = ("language", "greeting", "ask", "reminder", "greeting_b", "ask_b", "card_b")
    campaign.refresh_from_db(fields=[*texts, "remind_after", "flow", "card", "who"])
    prefetch_related_objects([campaign], "other_wordings")


def _write_deliveries(campaign: Campaign, plan: Plan, begin_after: timedelta) -> None:
    version = campaign.touch()
    quiet = {each.customer.pk: each.sentence for each in plan.waiting}
    asked = [
        Delivery(
            campaign=campaign,
            customer=person,
            version=version,
            planned_for=plan.times[person.pk] + begin_after,
            reason=quiet.get(person.pk) or plan.alone.get(person.pk, ""),
            household=person.household if person.asked_with else None,
            variant=campaign.side_of(person),
        )
        for person in plan.will_ask
    ]
    left_out = [
        Delivery(
            campaign=campaign,
            customer=person,
            version=version,
            status=status.Delivery.SKIPPED,
            reason=reason.sentence[:300],
            reason_code=reason.code,
            variant=campaign.side_of(person),  # somebody may send to them by hand
        )
        for person, reason in plan.skipped
    ]
    made = Delivery.objects.bulk_create(asked + left_out, batch_size=BATCH)
    _write_companions(made)
    Message.objects.bulk_create(
        (message for delivery in made[: len(asked)] for message in asking(delivery, delivery.planned_for)),
        batch_size=BATCH,
    )


def _write_companions(made: list[Delivery]) -> None:
    """Say on the rows of those who are asked in a group which delivery asks them, and in which household."""
    asks = {delivery.household_id: delivery for delivery in made}
    theirs = [delivery for delivery in made if delivery.reason_code == together.CODE]
    for delivery in theirs:
        delivery.together_with = asks[delivery.customer.household_id]
        delivery.household_id = delivery.customer.household_id
    Delivery.objects.bulk_update(theirs, ["together_with", "household"], batch_size=BATCH)
