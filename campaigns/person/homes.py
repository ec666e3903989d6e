"""Households: what a group says of one of its people, and how they go without taking the others' story along."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from campaigns import households
from campaigns.models import Apart, Customer, Delivery, Message
from campaigns.person.whose import Whose

#: On the rows of those who were asked together with somebody who was erased.
WITH_SOMEBODY = "Asked together with somebody who was erased"
#: What was said to all of them, and counts for each (policy §5).
_TO_ALL = (Message.Kind.GREETING, Message.Kind.ASK, Message.Kind.REMINDER)


def held(whose: Whose) -> list[dict[str, Any]]:
    """What a file for them tells: that they were in one, and what was said to all; nobody else is named."""
    apart = Apart.objects.filter(people__in=whose.rows).distinct().order_by("pk")
    return [*_homes(whose), *({"not_one_household_with_somebody": each.created_at} for each in apart)]


def _homes(whose: Whose) -> list[dict[str, Any]]:
    return [
        {
            "household": home.pk,
            "joined": home.created_at,
            "closed": home.closed_at,
            "why": home.closed_reason,
            "said_to_the_group": [
                {"message": each.pk, "kind": each.get_kind_display(), "words": each.text, "sent": each.sent_at}
                for each in whose.to_groups
                if each.household_id == home.pk and each.kind in _TO_ALL
            ],
        }
        for home in whose.households
    ]


def forget(whose: Whose, now: datetime) -> int:
    """The groups end.  What was said to all stays the others' (their cool-down hangs on it), and names nobody any more.

    Requests, pictures and frozen bytes carry the names and numbers of everybody, so those go.
    """
    keys = [home.pk for home in whose.households]
    Apart.objects.filter(pk__in=Apart.objects.filter(people__in=whose.rows).values("pk")).delete()
    if not keys:
        return 0
    named = set(Delivery.objects.filter(together_with__customer__in=whose.rows).values_list("pk", flat=True))
    _hand_over(whose)
    said = Message.objects.filter(household__in=keys).exclude(customer__in=whose.rows)
    said.update(body=None, picture="", attachment_id="")
    households.close(keys, households.ERASED, now)
    _mask(Delivery.objects.filter(household__in=keys).exclude(customer__in=whose.rows), named)
    return len(keys)


def _mask(rows: QuerySet[Delivery], named: set[int]) -> None:
    """No picture with their name, and no row that says with whom somebody was asked."""
    versions: dict[int, int] = {}
    for each in rows.select_related("campaign").order_by("campaign", "pk"):
        if each.campaign_id not in versions:
            versions[each.campaign_id] = each.campaign.touch()
        reason = WITH_SOMEBODY if each.pk in named else each.reason
        rows.filter(pk=each.pk).update(version=versions[each.campaign_id], picture="", reason=reason)


def _hand_over(whose: Whose) -> None:
    """What they were asked with for all becomes another's, who heard it too."""
    for delivery in whose.deliveries:
        others = Delivery.objects.filter(together_with=delivery).exclude(customer__in=whose.rows)
        heir = others.exclude(customer__erased_at__isnull=False).order_by("pk").first()
        if heir is None or delivery.household_id is None:
            continue
        for message in delivery.messages.filter(kind__in=_TO_ALL, household=delivery.household_id):
            if not Message.objects.filter(delivery=heir, kind=message.kind, round=message.round).exists():
                Message.objects.filter(pk=message.pk).update(customer=heir.customer_id, delivery=heir, check_at=None)
        others.exclude(pk=heir.pk).update(together_with=heir)


def join(stays: Customer, goes: Customer) -> None:
    """Of two rows for one person: from whom either was told apart, from them the one that stays is."""
    for row in Apart.objects.filter(people=goes):
        row.people.remove(goes)
        if row.people.exclude(pk=stays.pk).exists():
            row.people.add(stays)
        else:
            row.delete()
