"""The one Django app: everything between a customer list and a delivered message."""

from typing import Any

from django.apps import AppConfig
from django.core import checks

from campaigns import cards


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Goodword"

    def ready(self) -> None:
        """Let Django's system checks say what this machine cannot draw."""
        checks.register(names_can_be_drawn)


def names_can_be_drawn(**_: Any) -> list[checks.CheckMessage]:
    """A warning for each kind of name that cannot be drawn right here (`manage.py check`)."""
    return [checks.Warning(sentence, id="campaigns.W001") for sentence in cards.shortcomings()]
