"""What has been between us and a customer: when we asked last, and what they let pass.  One answer for all who ask."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from campaigns import status
from campaigns.models import Business, Click, Customer, Delivery, Message

#: Kinds of messages that ask for a review.
REQUESTS = (Message.Kind.ASK, Message.Kind.ALL, Message.Kind.REMINDER)
#: A request that went out, or may have: the cool-down starts with these (policy §5), whatever came of older ones.
_WENT_OUT: dict[str, Any] = {"kind__in": REQUESTS, "status__in": [*status.WENT_OUT, status.Message.IN_DOUBT]}
WENT_OUT = Q(**_WENT_OUT)


@dataclass
class Past:
    """When we asked somebody last, and when since they last wrote or looked."""

    asked: datetime | None = None
    since: list[datetime] = field(default_factory=list)

    @property
    def unanswered(self) -> int:
        """Requests in a row that they let pass: none opened, none answered since."""
        return len(self.since)

    def is_silent(self, business: Business) -> bool:
        """So many in a row, reminders among them, that they are left alone (M12)."""
        return self.unanswered >= business.most_unanswered


NOTHING = Past()


def past(business: Business, people: Iterable[Customer]) -> dict[int, Past]:
    """What was between this business and these of its customers, by key; nobody who was never asked.

    A greeting and its request count as one, for the greeting alone asks nothing.  Where the requests of all locations
    count, who they are is the number.
    """
    people = list(people)
    if is_shared(business):
        numbers = [person.phone for person in people]
        said = Message.real.filter(customer__phone__in=numbers, organization=business.organization_id)
        found = _history(said, "customer__phone", _in_groups(business, "customer__phone", numbers), business)
        return {person.pk: found[person.phone] for person in people if person.phone in found}
    said = Message.real.filter(customer__in=people, customer__business=business)
    return _history(said, "customer", _in_groups(business, "customer", [person.pk for person in people]), business)


def past_of(customer: Customer) -> Past:
    """The same for one."""
    return past(customer.business, [customer]).get(customer.pk, NOTHING)


def is_shared(business: Business) -> bool:
    """Do the requests of the other locations count here too?"""
    return business.cool_down_scope == Business.CoolDown.ORGANIZATION


def _in_groups(business: Business, whose: str, values: list[Any]) -> QuerySet[Delivery]:
    """Of these people, their rows of households that were asked by another's: each one's cool-down counts (§5)."""
    mine = Delivery.objects.filter(household__isnull=False, together_with__isnull=False, **{f"{whose}__in": values})
    return mine.filter(campaign__business__organization=business.organization_id).order_by()


def _history(said: QuerySet[Message], whose: str, groups: QuerySet[Delivery], business: Business) -> dict[Any, Past]:
    said = said.filter(WENT_OUT | Q(kind=Message.Kind.INBOUND)).order_by()
    went = {f"together_with__messages__{name}": value for name, value in _WENT_OUT.items()}
    asked = groups.filter(together_with__messages__household__isnull=False, **went)
    columns = ("kind", "created_at", "sent_at", "first_attempt_at")
    theirs = asked.values_list(whose, *(f"together_with__messages__{name}" for name in columns))
    rows = list(said.values_list(whose, *columns).union(theirs, all=True))
    heard: dict[Any, datetime] = {}
    for who, kind, written, _, _ in rows:
        if kind == Message.Kind.INBOUND:
            heard[who] = max(written, heard.get(who, written))
    found: dict[Any, Past] = defaultdict(Past)
    for who, kind, _, sent, tried in rows:
        at = max(filter(None, (sent, tried)), default=None)
        if at and kind != Message.Kind.INBOUND:
            one = found[who]
            one.asked = max(at, one.asked or at)
            if who not in heard or heard[who] < at:
                one.since.append(at)
    silent = [who for who, one in found.items() if one.is_silent(business)]
    for who, opened in _opened(silent, said, whose, groups):
        found[who].since = [at for at in found[who].since if at > opened]
    return found


def _opened(
    silent: list[Any], said: QuerySet[Message], whose: str, groups: QuerySet[Delivery]
) -> list[tuple[Any, datetime]]:
    """When those who seem to be silent last opened a link, their household's too: that is an answer."""
    if not silent:
        return []
    clicks = Click.objects.filter(
        delivery__in=said.order_by().values("delivery"), is_robot=False, **{f"delivery__{whose}__in": silent}
    )
    own = clicks.order_by().values_list(f"delivery__{whose}").annotate(Max("at"))
    of_all = groups.filter(together_with__clicks__is_robot=False, **{f"{whose}__in": silent})
    return [*own, *of_all.values_list(whose).annotate(Max("together_with__clicks__at"))]
