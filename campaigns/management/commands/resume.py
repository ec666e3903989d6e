"""`manage.py resume`: as the button does."""

from campaigns import launch
from campaigns.management.steering import Steering
from campaigns.models import Campaign, User


class Command(Steering):
    help = "Resume a campaign."

    def turn(self, campaign: Campaign, by: User | None) -> None:
        launch.resume(campaign, by)
