"""The one Django app: everything between a customer list and a delivered message."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Goodword"
