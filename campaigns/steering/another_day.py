"""The rest tomorrow: nobody new is asked today, and what has begun is brought to its end."""

from datetime import UTC, datetime, time, timedelta

from django.db import transaction

from campaigns import launch, pacing, status
from campaigns.asking import audience
from campaigns.models import AuditEntry, Business, Campaign, Message, User, give_back


def rest(campaign: Campaign, by: User | None, now: datetime) -> datetime:
    """Ask nobody new today, and return when it goes on: with the hours of the business's next day.

    Whose greeting has gone still gets the picture, and what is under way finishes.  Raises `launch.NotPossible`.
    """
    until = _next_morning(campaign.business, now)
    new = Message.objects.filter(delivery__campaign=campaign, round=1, first_attempt_at=None)
    new = new.exclude(delivery__status=status.Delivery.GREETED)
    running = Campaign.objects.filter(pk=campaign.pk, state=status.Campaign.RUNNING)
    if not campaign.deliveries.filter(status__in=status.DELIVERY_OPEN - {status.Delivery.GREETED}).exists():
        raise launch.NotPossible("Nobody is left to be asked in this campaign.")
    with transaction.atomic():
        give_back(new)
        if not running.exclude(rests_until__gte=until).update(rests_until=until):
            raise launch.NotPossible(_why_no_rest(campaign))
        campaign.touch()
        AuditEntry.write(campaign.business.organization, "rest until tomorrow", campaign, by, until.isoformat())
    give_back(new)  # as in `steering.pause`
    campaign.refresh_from_db()
    return until


def go_on_today(campaign: Campaign, by: User | None, now: datetime) -> None:
    """Ask today after all, what was sent to another day.  Raises `launch.NotPossible`."""
    with transaction.atomic():
        resting = Campaign.objects.filter(pk=campaign.pk, state=status.Campaign.RUNNING, rests_until__gt=now)
        if not resting.update(rests_until=None):
            campaign.refresh_from_db()
            raise launch.NotPossible(
                f"This campaign is {campaign.get_state_display().lower()} and waits for no other day."
            )
        campaign.touch()
        AuditEntry.write(campaign.business.organization, "go on today", campaign, by)
    campaign.refresh_from_db()


def _next_morning(business: Business, now: datetime) -> datetime:
    """The first open moment of the business's next day on which it is open at all."""
    tomorrow = now.astimezone(business.zone).date() + timedelta(days=1)
    try:
        midnight = datetime.combine(tomorrow, time(0), tzinfo=business.zone).astimezone(UTC)
        return pacing.opens_at(midnight, audience.hours(business), [business.zone])
    except pacing.BadWindow as never:
        raise launch.NotPossible(str(never)) from never


def _why_no_rest(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    if campaign.state != status.Campaign.RUNNING or campaign.rests_until is None:
        return f"This campaign is {campaign.get_state_display().lower()} now."
    local = campaign.rests_until.astimezone(campaign.business.zone)
    return f"The rest waits already, until {local:%A} {local:%-H:%M}."
