"""The one Django app: everything between a customer list and a delivered message."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core import checks
from django.db.models.signals import pre_save
from django.utils.module_loading import import_string

from campaigns import cards


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Goodword"

    def ready(self) -> None:
        """Let Django's system checks say what this machine cannot draw, and each session know when it began."""
        checks.register(names_can_be_drawn)
        # The signals are the interface for it: there is no other place that every way in passes, nor each row of the
        # library's list of sessions.
        user_logged_in.connect(import_string("campaigns.accounts.sessions.begin"))
        pre_save.connect(import_string("campaigns.accounts.sessions.list_by_name"), sender="usersessions.UserSession")


def names_can_be_drawn(**_: Any) -> list[checks.CheckMessage]:
    """A warning for each kind of name that cannot be drawn right here (`manage.py check`)."""
    return [checks.Warning(sentence, id="campaigns.W001") for sentence in cards.shortcomings()]
