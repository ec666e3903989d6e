"""A campaign is steered: started by mistake, paused, held, ended; and what of its audience is decided by hand."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone as clock

from campaigns import status
from campaigns.asking import reminders
from campaigns.launch import NotPossible
from campaigns.models import (
    AuditEntry,
    Business,
    Campaign,
    Customer,
    Delivery,
    Message,
    Organization,
    User,
    give_back,
    open_messages,
    take_back,
)
from campaigns.models import refresh as refresh_deliveries

#: A message that nobody has taken up: still to be drawn, in nobody's hands, never tried.
UNTOUCHED = Q(status=status.Message.PLANNED, lease_until=None, attempts=0, is_calling=False)


def begins_at(campaign: Campaign) -> datetime | None:
    """When the first message of a campaign is due that has been started and can still be undone; else None."""
    if campaign.state != status.Campaign.RUNNING:
        return None
    messages = Message.objects.filter(delivery__campaign=campaign)
    found = messages.aggregate(first=Min("due_at"), touched=Count("pk", filter=~UNTOUCHED))
    first: datetime | None = found["first"]
    return None if found["touched"] else first


def undo(campaign: Campaign, by: User | None) -> None:
    """Take a start back before anything has left: the campaign is a draft again, as if it had not been started.

    Every message is locked first, so that nobody takes one up meanwhile; one that somebody has taken up refuses the
    whole.  Raises `NotPossible` with the reason.
    """
    going = [status.Campaign.RUNNING, status.Campaign.PAUSED]
    with transaction.atomic():
        messages = Message.objects.filter(delivery__campaign=campaign)
        list(messages.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        campaign.refresh_from_db(fields=["state"])
        if campaign.state == status.Campaign.DRAFT:
            raise NotPossible("The start was undone already: this campaign is a draft.")
        if messages.exclude(UNTOUCHED).exists():
            raise NotPossible("Too late to undo: the first message is on its way. Pause or cancel it instead.")
        if not Campaign.objects.filter(pk=campaign.pk, state__in=going).update(
            state=status.Campaign.DRAFT, started_at=None
        ):
            raise NotPossible(f"This campaign is {campaign.get_state_display().lower()} now.")
        campaign.touch()
        campaign.deliveries.all().delete()
        AuditEntry.write(campaign.business.organization, "undo start", campaign, by)
    campaign.refresh_from_db()


def leave_out(campaign: Campaign, customer: Customer, by: User | None) -> None:
    """Take this customer out of a draft by hand: it will not ask them, and says so.  Raises `NotPossible`."""
    with _draft(campaign):
        campaign.left_out.add(customer)
        AuditEntry.write(campaign.business.organization, "leave out", campaign, by, str(customer))


def put_back(campaign: Campaign, customer: Customer, by: User | None) -> None:
    """Ask this customer after all, if nothing else speaks against it.  Raises `NotPossible`."""
    with _draft(campaign):
        campaign.left_out.remove(customer)
        AuditEntry.write(campaign.business.organization, "put back", campaign, by, str(customer))


@contextmanager
def _draft(campaign: Campaign) -> Iterator[None]:
    """The campaign stays a draft meanwhile: a launch waits for the same row, and counts what is decided here."""
    with transaction.atomic():
        Business.objects.select_for_update().get(pk=campaign.business_id)
        campaign.refresh_from_db(fields=["state"])
        if campaign.state != status.Campaign.DRAFT:
            raise NotPossible("This campaign has been started already; who is asked is settled.")
        yield


def pause(campaign: Campaign, by: User | None) -> None:
    """Start nothing new: when this returns, no call begins any more; `under_way` names those that have begun.

    Raises `NotPossible`.
    """
    messages = Message.objects.filter(delivery__campaign=campaign)
    with transaction.atomic():
        give_back(messages)
        _turn(campaign, by, "pause", {status.Campaign.RUNNING}, status.Campaign.PAUSED)
    give_back(messages)  # claimed between the two above, by somebody who has still read that it runs


def resume(campaign: Campaign, by: User | None) -> None:
    """Go on where it stopped.  Raises `NotPossible`.

    Where it was held, what Chert has heard since is read before anything of the account is claimed, however busy its
    workers are: somebody may have written STOP (F-54).
    """
    with transaction.atomic():
        old = {status.Campaign.PAUSED, status.Campaign.HELD}
        _turn(campaign, by, "resume", old, status.Campaign.RUNNING)
        if Campaign.objects.filter(pk=campaign.pk, held_at__isnull=False).update(held_at=None, held_reason=""):
            account = Organization.objects.filter(pk=campaign.business.organization_id)
            account.update(events_polled_at=None, unheard_since=clock.now())
    campaign.refresh_from_db()


def go_on_unheard(campaign: Campaign, by: User | None) -> None:
    """Send although Chert's log cannot be read: a person answers for it, and it is on record.

    Raises `NotPossible` where nothing waits for the log any more.
    """
    organization = campaign.business.organization
    with transaction.atomic():
        waiting = Organization.objects.filter(pk=organization.pk, unheard_since__isnull=False)
        if not waiting.update(unheard_since=None):
            raise NotPossible("What customers have written meanwhile has been read by now.")
        AuditEntry.write(organization, "go on without the log", campaign, by)


def cancel(campaign: Campaign, by: User | None, now: datetime) -> None:
    """End it: whatever has not left stays here.  When this returns, no call begins any more, as with `pause`.

    Raises `NotPossible`.
    """
    going = {status.Campaign.RUNNING, status.Campaign.PAUSED, status.Campaign.HELD}
    with transaction.atomic():
        gone = _take_back_all(campaign, now)
        _turn(campaign, by, "cancel", going, status.Campaign.CANCELLED)
        refresh_deliveries(gone)
    with transaction.atomic():  # what came into being between the two above
        refresh_deliveries(_take_back_all(campaign, now))


def _take_back_all(campaign: Campaign, now: datetime) -> list[Delivery]:
    messages = open_messages().filter(Q(delivery__campaign=campaign) | tests_of(campaign))
    return _deliveries(take_back(messages.select_related("delivery__campaign"), "The campaign was cancelled", now))


def under_way(campaign: Campaign) -> list[Customer]:
    """Whose message is being called this moment: its own answer decides, nobody can take it back."""
    calling = open_messages().filter(delivery__campaign=campaign, is_calling=True, lease_until__isnull=False)
    return list(Customer.objects.filter(pk__in=calling.values("customer")).order_by("pk"))


def throw_away(draft: Campaign, by: User | None, now: datetime) -> bool:
    """Delete a draft.  Its tests stay on record, but for what has not left yet; True when there were any.

    Raises `NotPossible` when it has been started: that can be cancelled, and is kept.
    """
    tests = Campaign.everything.filter(test_of=draft)
    with transaction.atomic():
        tested = tests.exists()
        drop_tests(tests_of(draft), "The draft was thrown away", now)
        AuditEntry.write(draft.business.organization, "throw away draft", draft, by, draft.name)
        if not Campaign.objects.filter(pk=draft.pk, state=status.Campaign.DRAFT).delete()[0]:
            raise NotPossible("This campaign has been started; it can be cancelled, but not thrown away.")
    return tested


def tests_of(campaign: Campaign) -> Q:
    """The messages of a campaign's tests."""
    return Q(delivery__is_test=True, delivery__campaign__test_of=campaign)


def drop_tests(which: Q, reason: str, now: datetime) -> None:
    """Take back what of these messages of tests has not left yet, and say why.  Call inside a transaction."""
    waiting = open_messages().filter(which).select_related("delivery__campaign")
    refresh_deliveries(_deliveries(take_back(waiting, reason, now)))


def drop_reminders(campaign: Campaign, by: User | None, now: datetime) -> int:
    """Remind nobody any more; returns how many reminders were to come.  The asking goes on.

    Raises `NotPossible` where the campaign has ended.
    """
    with transaction.atomic():
        dropped = reminders.drop(campaign, now)
        going = {status.Campaign.RUNNING, status.Campaign.PAUSED, status.Campaign.HELD}
        if not Campaign.objects.filter(pk=campaign.pk, state__in=going).exists():
            raise NotPossible("This campaign has ended; it reminds nobody any more.")
        campaign.touch()
        AuditEntry.write(campaign.business.organization, "drop reminders", campaign, by, str(dropped))
    campaign.finish_if_done(now)
    campaign.refresh_from_db()
    return dropped


def _deliveries(messages: Iterable[Message]) -> list[Delivery]:
    return list({m.delivery.pk: m.delivery for m in messages if m.delivery is not None}.values())


def _turn(campaign: Campaign, by: User | None, act: str, old: set[status.Campaign], new: status.Campaign) -> None:
    with transaction.atomic():
        if not Campaign.objects.filter(pk=campaign.pk, state__in=old).update(state=new):
            campaign.refresh_from_db()
            raise NotPossible(f"This campaign is {campaign.get_state_display().lower()} now.")
        campaign.touch()
        AuditEntry.write(campaign.business.organization, act, campaign, by)
    campaign.refresh_from_db()
