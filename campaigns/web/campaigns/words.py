"""What the campaign page says in sentences: where it stands, what needs a look, what the line may do."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from campaigns import lines, links, status, stuck
from campaigns.brakes import skew
from campaigns.models import Business, Campaign, Customer, Line, Organization
from campaigns.roles import Action
from campaigns.templatetags.look import clock, long_day
from campaigns.web.campaigns.summary import Summary

S = status.Campaign
#: So many are named in a sentence.
NAMED = 3


@dataclass(frozen=True)
class Notice:
    """Something a person should know or do; `tone` is honey, brick or nothing."""

    tone: str
    icon: str
    title: str
    words: str
    to: str = ""
    button: str = ""
    #: What somebody must be allowed to, to be shown the button.
    needs: Action = Action.LOOK


@dataclass(frozen=True)
class Stroke:
    """One first message of the day, used or left."""

    look: str
    x: int


@dataclass(frozen=True)
class LineView:
    """What the business's lines may still do today, taken together."""

    number: str
    budget: int
    used: int
    pace: str

    @property
    def left(self) -> int:
        """First messages left today."""
        return max(0, self.budget - self.used)

    @property
    def used_percent(self) -> int:
        """For the bar of a large budget."""
        return self.used * 100 // self.budget if self.budget else 0

    @property
    def strokes(self) -> list[Stroke]:
        """One stroke each up to sixty, in bundles of five; a larger budget is a bar."""
        if self.budget > 60:
            return []
        return [Stroke("used" if n < self.used else "left", 4 + n * 10 + n // 5 * 6) for n in range(self.budget)]

    @property
    def strokes_width(self) -> int:
        """The width of the drawing that holds them."""
        return 4 + self.budget * 10 + self.budget // 5 * 6


#: What follows when Chert does not answer.
AWAY = "It is asked again every few seconds, and all goes on by itself. Nothing was lost."


def standing(summary: Summary) -> str:
    """The sentence under the large one."""
    match summary.campaign.state:
        case S.RUNNING:
            return _running(summary)
        case S.PAUSED:
            return f"Paused. {_who_waits(summary)} and nothing goes out until somebody resumes."
        case S.HELD:
            since = f" since {clock(summary.campaign.held_at)}" if summary.campaign.held_at else ""
            return f"Held{since}. {_who_waits(summary)}, and nothing goes out until somebody says go on."
        case S.CANCELLED:
            return f"Cancelled {clock(summary.campaign.changed_at)}. What had not left stays here."
        case _:
            return _finished(summary)


def notices(summary: Summary, business: Business, late: Sequence[stuck.Group] = ()) -> list[Notice]:
    """What a person should look at, the worst first; `late` is what should have gone and has not."""
    organization = business.organization
    found = []
    if organization.paused_at:
        waits = f"Nothing was lost. {_people(summary.waiting)}." if summary.waiting else "Nothing was lost."
        found.append(
            Notice(
                *("brick", "octagon-alert", organization.paused_sentence, waits, reverse("settings"), "Settings"),
                needs=Action.SETTINGS,
            )
        )
    elif organization.away_since:
        words = f"{AWAY} {_people(summary.waiting)}." if summary.waiting else AWAY
        found.append(Notice("honey", "cloud-off", away(organization.away_since), words))
    if told := skew.told():
        found.append(Notice("brick", "clock-alert", told, "Nothing is lost."))
    found += [_stuck(group) for group in late if _is_untold(group.cause)]
    if rests := _resting(summary, business):
        found.append(rests)
    if summary.count("doubt"):
        found.append(_doubt(summary.count("doubt")))
    if summary.count("refused"):
        found.append(_failed(summary.count("refused")))
    if not links.are_counted(business) and business.links == Business.Links.COUNTED:
        found.append(_not_counted())
    return found


#: Causes for which the page has a place of its own; the others that are no trouble stand on the row alone.
TOLD = frozenset({"held", "account", "skew", "unheard", "away"})


def _is_untold(cause: stuck.Cause) -> bool:
    return cause.is_trouble and cause.code not in TOLD


def _stuck(group: stuck.Group) -> Notice:
    """Something has stood in the way of some of them for a minute and a half."""
    count = f"{group.count} or more" if group.count >= stuck.MOST else f"{group.count}"
    who = "One message has" if group.count == 1 else f"{count} messages have"
    tone = "honey" if group.cause.until else "brick"
    said = [group.cause.words, f"{who} been due since {clock(group.oldest)}."]
    if group.cause.until:
        said.insert(0, f"Until {clock(group.cause.until)}.")
    return Notice(tone, "hourglass", group.cause.title, " ".join(filter(None, said)))


def stuck_row(cause: stuck.Cause) -> str:
    """The same under one row's chip: 'Chert has asked for a pause, until 14:10'."""
    title = cause.title.rstrip(".")
    return f"{title}, until {clock(cause.until)}" if cause.until else title


def away(since: datetime) -> str:
    """That Chert does not answer, and since when."""
    return f"Chert does not answer just now, since {clock(since)}."


def unheard(campaign: Campaign, organization: Organization) -> str:
    """Is what customers wrote meanwhile still to be read before it goes on, and could it not be?  Empty: it is read."""
    if campaign.state != S.RUNNING or organization.unheard_since is None or organization.paused_at:
        return ""
    return "deaf" if organization.events_polled_at else "listening"


def line_view(business: Business, now: datetime) -> LineView | None:
    """The lines of the business as one; None when there is none."""
    usable = lines.usable(business)
    if not usable:
        return None
    today = now.astimezone(business.zone).date()
    number = usable[0].number if len(usable) == 1 else f"{len(usable)} lines"
    budget, used = sum(line.budget for line in usable), sum(line.used_on(today) for line in usable)
    return LineView(number, budget, min(used, budget), _pace(usable, now))


def _pace(usable: list[Line], now: datetime) -> str:
    gap = min(line.gap for line in usable)
    next_at = min((line.next_at for line in usable if line.next_at), default=None)
    how = f"One every {span(gap)}." if gap else "One after the other, without a pause."
    return f"{how} Next at {clock(next_at)}." if next_at and next_at > now else how


def span(seconds: int) -> str:
    """'ten minutes', '45 seconds'."""
    if seconds < 90:
        return "second" if seconds == 1 else f"{seconds} seconds"
    minutes = round(seconds / 60)
    return {10: "ten minutes"}.get(minutes, f"{minutes} minutes")


def _running(summary: Summary) -> str:
    if not summary.waiting:
        return " ".join(["Everybody has been asked.", *_reminders(summary)])
    return " ".join(sentence for sentence in (_next(summary), _done(summary)) if sentence)


def _reminders(summary: Summary) -> list[str]:
    """What is still to come once everybody has been asked; the last day is when the campaign ends."""
    until = summary.remind_until
    if not summary.to_remind or until is None:
        return []
    if summary.to_remind == 1:
        return [f"One reminder to come, {by_when(until, summary.now)}."]
    return [f"{summary.to_remind} reminders to come, the last {by_when(until, summary.now)}."]


def _who_waits(summary: Summary) -> str:
    if summary.waiting or not summary.to_remind:
        return _people(summary.waiting)
    return "One reminder waits" if summary.to_remind == 1 else f"{summary.to_remind} reminders wait"


def _next(summary: Summary) -> str:
    at = summary.next_at
    if summary.campaign.rests(summary.now):
        return f"{_people(summary.waiting)}. Nobody new is asked until {clock(summary.campaign.rests_until)}, by hand."
    when = "the next one now" if at is None or at <= summary.now else f"next at {clock(at)}"
    if not summary.today:
        return f"{_people(summary.waiting)}, {when}."
    return f"{summary.today} more today, {when}."


def _done(summary: Summary) -> str:
    at, reminded = summary.done_at, summary.reminders_until
    if at is None or at <= summary.now:
        return ""
    if reminded is None:
        return f"Done {by_when(at, summary.now)}."
    return f"Last request {_on(at, summary.now)}; reminders until {long_day(reminded)}."


def _on(at: datetime, now: datetime) -> str:
    """'today at 14:20', or 'on Friday 11 December'."""
    when = by_when(at, now)
    return when if when.startswith("today") else f"on {when}"


def under_way(people: Sequence[Customer]) -> str:
    """Who may still hear from us although somebody has just said stop: how many, and the first of them by name."""
    if not people:
        return "Nothing was on its way."
    named = ", ".join(person.name or "no name" for person in people[:NAMED])
    more = f" and {len(people) - NAMED} more" if len(people) > NAMED else ""
    how_many = "One message was" if len(people) == 1 else f"{spelled(len(people)).capitalize()} messages were"
    return f"{how_many} on the way and may still arrive: {named}{more}."


def begins(at: datetime | None, now: datetime) -> str:
    """'Starts in 8 seconds', on the strip that undoes a start; nothing when it cannot be undone any more."""
    if at is None:
        return ""
    if not counts_down(at, now):
        return f"Starts {clock(at)}"
    seconds = math.ceil((at - now).total_seconds())
    return f"Starts in {seconds} seconds" if seconds > 1 else "Starts now"


def counts_down(at: datetime | None, now: datetime) -> bool:
    """Is it a matter of seconds?"""
    return at is not None and at - now < timedelta(seconds=90)


def by_when(at: datetime, now: datetime, *, with_time: bool = False) -> str:
    """'today at 14:20', or 'Monday 23 November'; with the time 'tomorrow at 9:00', 'Monday 23 November at 9:00'."""
    days = (timezone.localdate(at) - timezone.localdate(now)).days
    if days == 0:
        return f"today at {clock(at)}"
    if not with_time:
        return long_day(at)
    return f"{'tomorrow' if days == 1 else long_day(at)} at {timezone.localtime(at):%-H:%M}"


def _finished(summary: Summary) -> str:
    ended = f"Finished {clock(summary.campaign.finished_at)}."
    left = summary.count("skipped")
    return f"{ended} {left} left out, each with its reason." if left else ended


def _people(count: int) -> str:
    return "One customer waits" if count == 1 else f"{count} customers wait"


def too_few(business: Business) -> str:
    """ "Fewer than 15 of 100 replied this week.", in the account's own figure."""
    said = lines.too_few(business.organization)
    return f"{said[:1].upper()}{said[1:]}."


def resting(business: Business, now: datetime) -> str:
    """ "The line is resting until Tue 9:00. Fewer than 15 of 100 replied this week."; nothing when no line rests."""
    which = _which_rest(business, now)
    return f"{which} {too_few(business)}" if which else ""


def _which_rest(business: Business, now: datetime) -> str:
    usable = lines.usable(business)
    rests = lines.resting(business.organization, usable, now)
    if not rests:
        return ""
    which = "The line is" if len(usable) == 1 else f"{len(rests)} of {len(usable)} lines are"
    return f"{which} resting until {clock(min(rests.values()))}."


def _resting(summary: Summary, business: Business) -> Notice | None:
    """Only while somebody waits for a line."""
    title = _which_rest(business, summary.now) if summary.waiting else ""
    if not title:
        return None
    more = f"{too_few(business)} Nobody new is written to on it until then; answers and what follows go on."
    return Notice("honey", "hourglass", title, more, f"{reverse('settings')}#lines", "See the lines", Action.SETTINGS)


def _doubt(count: int) -> Notice:
    title = "One may have been sent." if count == 1 else f"{count} may have been sent."
    words = "The connection broke before the answer. We will not send twice by ourselves; look at your own phone."
    return Notice("honey", "circle-question-mark", title, words, "?show=doubt#who", "See and decide")


def _failed(count: int) -> Notice:
    title = "One did not go through." if count == 1 else f"{count} did not go through."
    words = "The reason stands beside each name."
    return Notice("", "circle-x", title, words, "?show=failed#who", "See why")


def _not_counted() -> Notice:
    words = (
        "This installation has no public address yet, so customers get the Google link itself. "
        "Nothing else is different."
    )
    return Notice("", "link", "Openings are not counted.", words)


_SPELLED = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def spelled(number: int) -> str:
    """'five'; from thirteen on in figures."""
    return _SPELLED[number] if number < len(_SPELLED) else f"{number:,}"


def pictures(total: int, odd: int) -> str:
    """'198 pictures. Five need a look.'"""
    how_many = "One picture." if total == 1 else f"{total:,} pictures."
    if not odd:
        return how_many
    return f"{how_many} {spelled(odd).capitalize()} need{'s' if odd == 1 else ''} a look."


def need_a_look(odd: int) -> str:
    """'5 pictures need a look'; nothing when none does."""
    if odd == 0:
        return ""
    return "One picture needs a look" if odd == 1 else f"{odd:,} pictures need a look"
