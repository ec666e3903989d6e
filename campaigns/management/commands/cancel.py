"""`manage.py cancel`: as the button does."""

from django.utils import timezone

from campaigns import steering
from campaigns.management.steering import Steering
from campaigns.models import Campaign, User


class Command(Steering):
    help = "Cancel a campaign: whatever has not left stays here."

    def turn(self, campaign: Campaign, by: User | None) -> None:
        steering.cancel(campaign, by, timezone.now())
