"""`manage.py pause`: as the button does."""

from campaigns import steering
from campaigns.management.steering import Steering
from campaigns.models import Campaign, User


class Command(Steering):
    help = "Pause a campaign."

    def turn(self, campaign: Campaign, by: User | None) -> None:
        steering.pause(campaign, by)
