"""Closing is decided; and perhaps, within a week, decided otherwise."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from campaigns import status, steering
from campaigns.launch import NotPossible
from campaigns.models import (
    AuditEntry,
    Campaign,
    Closing,
    Customer,
    Message,
    Organization,
    User,
    open_messages,
    refresh,
    take_back,
)

#: For so long somebody can change their mind.
DAYS = timedelta(days=7)
TAKEN_BACK = "The organization was to be closed"


@dataclass(frozen=True)
class Outlook:
    """What there is to be erased, in numbers that mean something to its owner."""

    locations: int
    customers: int
    messages: int
    #: Members, owners among them.
    people: int
    running: int


def outlook(organization: Organization) -> Outlook:
    """What closing this organization would take away."""
    return Outlook(
        locations=organization.businesses.count(),
        customers=Customer.objects.filter(business__organization=organization).count(),
        messages=Message.objects.filter(organization=organization).count(),
        people=organization.memberships.count(),
        running=_running(organization).count(),
    )


def close(organization: Organization, by: User, now: datetime) -> bool:
    """From this moment on nothing new is sent, and in a week nothing is left; False where that was decided before."""
    with transaction.atomic():
        account = Organization.objects.select_for_update().get(pk=organization.pk)
        if not account.close_on(now + DAYS, now):
            return False
        AuditEntry.write(account, "close organization", account, by)
    stop(account, by, now)
    return True


def stop(organization: Organization, by: User | None, now: datetime) -> None:
    """Nothing goes on by itself, should they keep it: what runs is paused, what belongs to no campaign is taken back.

    What is being called this moment comes to its own end.  Twice is once.
    """
    for campaign in _running(organization).select_related("business__organization"):
        with suppress(NotPossible):
            steering.pause(campaign, by)
    alone = Q(delivery=None) | Q(delivery__is_test=True)
    with transaction.atomic():
        waiting = open_messages(Message.objects.filter(alone, organization=organization))
        gone = take_back(waiting.select_related("delivery__campaign"), TAKEN_BACK, now)
        refresh([each.delivery for each in gone if each.delivery is not None])


def keep(organization: Organization, by: User, now: datetime) -> bool:
    """It stays after all; False where there is nothing to be kept, or it is too late."""
    if not Organization.objects.filter(pk=organization.pk, closes_at__gt=now).exists():
        return False
    stop(organization, by, now)
    with transaction.atomic():
        account = Organization.objects.select_for_update().get(pk=organization.pk)
        is_over = Closing.objects.filter(organization=account.pk).exists()
        if is_over or account.closes_at is None or account.closes_at <= now:
            return False
        account.stay_open()
        AuditEntry.write(account, "keep organization", account, by)
    return True


def _running(organization: Organization) -> QuerySet[Campaign]:
    return Campaign.objects.filter(business__organization=organization, state=status.Campaign.RUNNING)
