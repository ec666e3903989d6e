"""What pause, resume and cancel have in common: one campaign, one turn, one answer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from campaigns import launch, status, steering
from campaigns.management.answering import Answer, campaign_numbered, operator
from campaigns.models import Campaign, User


class Steering(Answer):
    """A command that turns a campaign, as the buttons do."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The campaign's number."""
        super().add_arguments(parser)
        parser.add_argument("campaign", type=int)

    def turn(self, campaign: Campaign, by: User | None) -> None:
        """Do it; raises `launch.NotPossible`."""
        raise CommandError("This command does not say how to turn.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn, and say where the campaign stands now."""
        campaign = campaign_numbered(options["campaign"])
        try:
            self.turn(campaign, operator(campaign.business))
        except launch.NotPossible as refused:
            raise CommandError(str(refused)) from refused
        going = 0 if campaign.state == status.Campaign.RUNNING else len(steering.under_way(campaign))
        found = {"campaign": campaign.pk, "state": campaign.state, "under_way": going}
        more = f" {going} on the way may still arrive." if going else ""
        self.answer(options, found, lambda: f"{campaign.name} is {campaign.get_state_display().lower()}.{more}")
